import { GuessLimit } from '@fedoxnet/shared/access/guess-limit';
import { verifyPassword } from '@fedoxnet/shared/access/password';
import { newSecret, secretHash, secretsEqual } from '@fedoxnet/shared/access/secrets';
import { FederationError } from '@fedoxnet/shared/errors';
import { readPasswordHash } from './console-password.js';

/** A working day, as on the coordinator's dashboard. */
export const SESSION_MS = 10 * 60 * 60 * 1000;
/** Whoever starts the console opens it soon. */
const ENTRY_MS = 15 * 60 * 1000;
const MAX_SESSIONS = 100;

/**
 * Both are needed. Cookies go to every port of a host, so another user's server on this machine could be sent the cookie; the
 * page's key lies in the storage of our own origin, which includes the port, and is sent by our page alone.
 */
export interface SessionSecrets {
  readonly cookie: string;
  readonly key: string;
}

interface Session {
  readonly keyHash: string;
  readonly until: number;
}

/** Who may look: whoever has the one-time entry that the start printed, or knows the console's password. Kept in memory. */
export class ConsoleDoor {
  private readonly sessions = new Map<string, Session>();
  private readonly guesses: GuessLimit;
  private entry: { readonly secret: string; readonly until: number } | null = null;

  /** @param now milliseconds of a clock that nobody sets */
  constructor(
    private readonly home: string,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.guesses = new GuessLimit(now);
  }

  /** A secret that opens the console once, within a quarter of an hour; an earlier one opens it no more. */
  makeEntry(): string {
    const secret = newSecret();
    this.entry = { secret, until: this.now() + ENTRY_MS };
    return secret;
  }

  /** @throws {FederationError} `CONSOLE_REFUSED`, `RATE_LIMITED` */
  async enter(secret: string): Promise<SessionSecrets> {
    const isRight = (): Promise<true | null> => Promise.resolve(this.takeEntry(secret));
    if ((await this.guesses.attempt({ of: 'entry' }, isRight)) === null) {
      throw new FederationError(
        'CONSOLE_REFUSED',
        'The link was used, is too old, or is none of this console.',
      );
    }
    return this.open();
  }

  /** @throws {FederationError} `CONSOLE_REFUSED`, `RATE_LIMITED` */
  async signIn(password: string): Promise<SessionSecrets> {
    const hash = await readPasswordHash(this.home);
    const isRight = async (): Promise<true | null> => ((await verifyPassword(password, hash)) ? true : null);
    if ((await this.guesses.attempt({ of: 'password' }, isRight)) === null) {
      throw new FederationError(
        'CONSOLE_REFUSED',
        hash === null ? 'No password is set for this console.' : 'That is not the password of this console.',
      );
    }
    return this.open();
  }

  /** @throws {FederationError} `SESSION_INVALID` */
  check({ cookie, key }: Partial<SessionSecrets>): void {
    const session = cookie === undefined ? undefined : this.sessions.get(secretHash(cookie));
    const fits = secretsEqual(secretHash(key ?? ''), session?.keyHash ?? '');
    if (session === undefined || !fits || session.until < this.now()) {
      throw new FederationError('SESSION_INVALID', 'Nobody is signed in here.');
    }
  }

  signOut(cookie: string): void {
    this.sessions.delete(secretHash(cookie));
  }

  /** The link's secret serves once. */
  private takeEntry(secret: string): true | null {
    const { entry } = this;
    if (entry === null || entry.until < this.now() || !secretsEqual(secret, entry.secret)) return null;
    this.entry = null;
    return true;
  }

  private open(): SessionSecrets {
    const at = this.now();
    for (const [hash, { until }] of this.sessions) if (until < at) this.sessions.delete(hash);
    const [oldest] = this.sessions.keys();
    if (this.sessions.size >= MAX_SESSIONS && oldest !== undefined) this.sessions.delete(oldest);
    const secrets = { cookie: newSecret(), key: newSecret() };
    this.sessions.set(secretHash(secrets.cookie), {
      keyHash: secretHash(secrets.key),
      until: at + SESSION_MS,
    });
    return secrets;
  }
}
