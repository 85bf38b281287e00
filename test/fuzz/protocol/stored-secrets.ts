import { DataSource } from 'typeorm';
import { dataSourceOptions } from '@fedoxnet/coordinator/storage/database';
import { startEmbeddedPostgres } from '@fedoxnet/coordinator/storage/embedded-postgres';
import { personInvitationTable, personSessionTable } from '@fedoxnet/coordinator/storage/person-tables';
import { invitationTable, sessionTable } from '@fedoxnet/coordinator/storage/site-tables';

export interface StoredSecrets {
  /** Site, hash of the secret, whether it was used. */
  readonly invitations: readonly (readonly [string, string, boolean])[];
  /** Site, hash of the token. */
  readonly sessions: readonly (readonly [string, string])[];
  /** Invitations and sessions of people. */
  readonly people: number;
}

/** What the tables of a coordinator that is closed say of who may come in. @param folder of its embedded database */
export async function storedSecrets(folder: string): Promise<StoredSecrets> {
  const server = await startEmbeddedPostgres(folder);
  try {
    const source = await new DataSource(dataSourceOptions(server)).initialize();
    try {
      const { manager } = source;
      const invitations = await manager.find(invitationTable, { order: { site: 'ASC' } });
      const sessions = await manager.find(sessionTable, { order: { site: 'ASC' } });
      return {
        invitations: invitations.map(({ site, secretHash, usedAt }) => [site, secretHash, usedAt !== null]),
        sessions: sessions.map(({ site, tokenHash }) => [site, tokenHash]),
        people: (await manager.count(personInvitationTable)) + (await manager.count(personSessionTable)),
      };
    } finally {
      await source.destroy();
    }
  } finally {
    await server.close();
  }
}
