import { In, IsNull, LessThan, MoreThan, Not, type EntityManager } from 'typeorm';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import type { SiteDescription } from '@fedoxnet/shared/protocol/socket-messages';
import {
  challengeTable,
  invitationTable,
  OPEN_INVITATION,
  sessionTable,
  siteTable,
  type InvitationRow,
  type SiteRow,
} from './site-tables.js';
import { approvalTable } from './study-tables.js';

/** Sites, their keys, and how they get in. Secrets come and are stored as hashes only. */
export class SiteStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  all(): Promise<SiteRow[]> {
    return this.#manager.find(siteTable, { order: { name: 'ASC' } });
  }

  find(name: string): Promise<SiteRow | null> {
    return this.#manager.findOneBy(siteTable, { name });
  }

  /**
   * Signing keys by site, held until the transaction ends: whoever sees a rotation afterwards also sees all that was written
   * with the keys before.
   */
  async signKeys(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const rows = await this.#manager.find(siteTable, {
      where: { name: In([...names]) },
      order: { name: 'ASC' },
      lock: { mode: 'pessimistic_read' },
    });
    return new Map(rows.map(({ name, signKey }) => [name, signKey]));
  }

  /** An earlier invitation of the same site that was not used is void. */
  async addInvitation(invitation: Omit<InvitationRow, 'usedAt'>): Promise<void> {
    await this.#manager.upsert(
      invitationTable,
      { ...invitation, usedAt: null },
      { conflictPaths: ['site'], indexPredicate: OPEN_INVITATION },
    );
  }

  /** Uses the invitation up. False when it is unknown, of another site, too old or already used. */
  async useInvitation(secretHash: string, site: string, at: Date): Promise<boolean> {
    const { affected } = await this.#manager.update(
      invitationTable,
      { secretHash, site, usedAt: IsNull(), expiresAt: MoreThan(at) },
      { usedAt: at },
    );
    return affected === 1;
  }

  /** True when this invitation was the site's and has been used. */
  async wasInvitedWith(secretHash: string, site: string): Promise<boolean> {
    return this.#manager.existsBy(invitationTable, { secretHash, site, usedAt: Not(IsNull()) });
  }

  /**
   * Pins the keys; a new invitation of the same name replaces them and lifts a revocation. What other keys approved is
   * approved no more: who holds these has not been asked.
   * @returns whether the site had other keys before
   */
  async enrol(name: string, signKey: string, boxKey: string, at: Date): Promise<boolean> {
    const before = await this.find(name);
    const row: SiteRow = { name, signKey, boxKey, description: null, enrolledAt: at, revokedAt: null };
    await this.#manager.upsert(siteTable, row, ['name']);
    await this.#manager.delete(sessionTable, { site: name });
    const replaced = before !== null && before.signKey !== signKey;
    if (replaced) await this.#manager.delete(approvalTable, { site: name });
    return replaced;
  }

  /** False when `from` is not the signing key any more. The site's sessions end at once. */
  async rotate(name: string, from: string, { signKey, boxKey }: PublicKeys): Promise<boolean> {
    const { affected } = await this.#manager.update(
      siteTable,
      { name, signKey: from, revokedAt: IsNull() },
      { signKey, boxKey },
    );
    if (affected === 1) await this.#manager.delete(sessionTable, { site: name });
    return affected === 1;
  }

  /**
   * Ends the site's sessions at once and voids its open invitation, with which it would come back.
   * @returns false when there was nothing to revoke: the site is unknown or already revoked, and has no open invitation
   */
  async revoke(name: string, at: Date): Promise<boolean> {
    // In the order of an enrolment, so that the two wait for one another.
    const invitations = await this.#manager.delete(invitationTable, { site: name, usedAt: IsNull() });
    const sites = await this.#manager.update(siteTable, { name, revokedAt: IsNull() }, { revokedAt: at });
    await this.#manager.delete(sessionTable, { site: name });
    return invitations.affected === 1 || sites.affected === 1;
  }

  /**
   * True when this is the site's signing key and the site is not revoked, and will be until the transaction in which it
   * must run has ended. What rests on a signature that was checked a moment ago is stored with this asked first.
   */
  async holdsKey(name: string, signKey: string): Promise<boolean> {
    const row = await this.#manager
      .createQueryBuilder(siteTable, 'site')
      .where({ name, signKey, revokedAt: IsNull() })
      .setLock('pessimistic_read')
      .getOne();
    return row !== null;
  }

  async describe(name: string, description: SiteDescription): Promise<void> {
    await this.#manager.update(siteTable, { name }, { description });
  }

  async addChallenge(value: string, site: string, expiresAt: Date): Promise<void> {
    await this.#manager.insert(challengeTable, { value, site, expiresAt });
  }

  /** Takes the challenge away, so that it serves once. */
  async takeChallenge(value: string, site: string, at: Date): Promise<boolean> {
    const { affected } = await this.#manager.delete(challengeTable, { value, site, expiresAt: MoreThan(at) });
    return affected === 1;
  }

  async addSession(tokenHash: string, site: string, expiresAt: Date): Promise<void> {
    await this.#manager.insert(sessionTable, { tokenHash, site, expiresAt });
  }

  /** The site whose session this is, null when there is none or it has ended. */
  async siteOfSession(tokenHash: string, at: Date): Promise<SiteRow | null> {
    const session = await this.#manager.findOneBy(sessionTable, { tokenHash, expiresAt: MoreThan(at) });
    return session === null ? null : this.find(session.site);
  }

  /** Every site signs in anew. */
  async endSessions(): Promise<void> {
    await this.#manager.createQueryBuilder().delete().from(sessionTable).execute();
  }

  async forgetExpired(at: Date): Promise<void> {
    await this.#manager.delete(challengeTable, { expiresAt: LessThan(at) });
    await this.#manager.delete(sessionTable, { expiresAt: LessThan(at) });
  }
}
