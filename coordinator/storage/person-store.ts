import { IsNull, LessThan, MoreThan, type EntityManager } from 'typeorm';
import type { Role } from '../people/roles.js';
import {
  personInvitationTable,
  personSessionTable,
  personTable,
  type PersonInvitationRow,
  type PersonRow,
  type PersonSessionRow,
} from './person-tables.js';

/** People and how they get in. Secrets come and are stored as hashes only. */
export class PersonStore {
  readonly #manager: EntityManager;

  constructor(manager: EntityManager) {
    this.#manager = manager;
  }

  all(): Promise<PersonRow[]> {
    return this.#manager.find(personTable, { order: { name: 'ASC' } });
  }

  /** Null for who was removed, too. */
  findActive(name: string): Promise<PersonRow | null> {
    return this.#manager.findOneBy(personTable, { name, removedAt: IsNull() });
  }

  /** A new person without a password, or one that exists with another role; a removed one is let in again. */
  async put(name: string, role: Role, at: Date): Promise<void> {
    const { affected } = await this.#manager.update(personTable, { name }, { role, removedAt: null });
    if (affected === 0) {
      const row: PersonRow = { name, role, passwordHash: null, createdAt: at, removedAt: null };
      await this.#manager.insert(personTable, row);
    }
  }

  /** Earlier invitations of the same person are void. */
  async addInvitation(invitation: PersonInvitationRow): Promise<void> {
    await this.#manager.delete(personInvitationTable, { person: invitation.person });
    await this.#manager.insert(personInvitationTable, invitation);
  }

  /** Uses the invitation up. @returns who was invited; null when it is unknown, used or too old */
  async takeInvitation(secretHash: string, at: Date): Promise<string | null> {
    const open = { secretHash, expiresAt: MoreThan(at) };
    const invitation = await this.#manager.findOneBy(personInvitationTable, open);
    const { affected } = await this.#manager.delete(personInvitationTable, open);
    return affected === 1 ? invitation!.person : null;
  }

  /** Ends the person's sessions: whoever knew the old password is out. */
  async setPassword(name: string, passwordHash: string): Promise<void> {
    await this.#manager.update(personTable, { name }, { passwordHash });
    await this.#manager.delete(personSessionTable, { person: name });
  }

  /** False when there is no such person, or not any more. Sessions and invitations end at once, the password is forgotten. */
  async remove(name: string, at: Date): Promise<boolean> {
    const { affected } = await this.#manager.update(
      personTable,
      { name, removedAt: IsNull() },
      { removedAt: at, passwordHash: null },
    );
    await this.#manager.delete(personSessionTable, { person: name });
    await this.#manager.delete(personInvitationTable, { person: name });
    return affected === 1;
  }

  /**
   * True when this is the person's password, and will be until the transaction in which it must run has ended. Whoever was
   * removed or chose another password while an old one was being compared is not signed in with the old one.
   */
  async holdsPassword(name: string, passwordHash: string): Promise<boolean> {
    const row = await this.#manager
      .createQueryBuilder(personTable, 'person')
      .where({ name, passwordHash, removedAt: IsNull() })
      .setLock('pessimistic_read')
      .getOne();
    return row !== null;
  }

  async addSession(session: PersonSessionRow): Promise<void> {
    await this.#manager.insert(personSessionTable, session);
  }

  /** The person whose session this is, null when there is none or it has ended. */
  async personOfSession(tokenHash: string, at: Date): Promise<PersonRow | null> {
    const session = await this.#manager.findOneBy(personSessionTable, { tokenHash, expiresAt: MoreThan(at) });
    return session === null ? null : this.findActive(session.person);
  }

  async endSession(tokenHash: string): Promise<void> {
    await this.#manager.delete(personSessionTable, { tokenHash });
  }

  async forgetExpired(at: Date): Promise<void> {
    await this.#manager.delete(personInvitationTable, { expiresAt: LessThan(at) });
    await this.#manager.delete(personSessionTable, { expiresAt: LessThan(at) });
  }
}
