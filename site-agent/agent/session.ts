import { randomBytes } from 'node:crypto';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { challengeReply, hello, sessionReply } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import {
  COORDINATOR_SESSION_LABEL,
  SESSION_LABEL,
  sessionText,
} from '@fedoxnet/shared/sealing/session-texts';
import { signText, verifyText } from '@fedoxnet/shared/sealing/signature';
import type { HttpClient, TokenSource } from './http-client.js';
import { adoptSuccessor, requireSuccessor, type Identity } from './identity.js';

/** A token is renewed when this share of its life has passed. */
const RENEW_AFTER = 0.8;
const NONCE_BYTES = 32;

interface Token {
  readonly value: string;
  readonly renewAt: number;
}

/**
 * The site's standing with its coordinator. Both prove who they are by signing what the other made up just now; the token that comes
 * of it is kept in memory only. A coordinator that replaced its keys is followed when the pinned ones announced it.
 */
export class Session implements TokenSource {
  private current: Token | null = null;
  /** The last one, ended or not: with it the next session is known as that of the same agent. */
  private before: string | undefined;
  private signingIn: Promise<Token> | null = null;

  /** @param http without authorisation: signing in is what it is for */
  constructor(
    private readonly identity: Identity,
    private readonly http: HttpClient,
    private readonly now: () => number = Date.now,
  ) {}

  /** @throws {FederationError} `COORDINATOR_KEY_CHANGED`, `SITE_UNKNOWN`, `SITE_REVOKED`, `COORDINATOR_UNREACHABLE`, … */
  async token(): Promise<string> {
    if (this.current !== null && this.now() < this.current.renewAt) return this.current.value;
    // Chunks are asked for side by side: all wait for one sign-in.
    this.signingIn ??= this.signIn().finally(() => (this.signingIn = null));
    this.current = await this.signingIn;
    this.before = this.current.value;
    return this.current.value;
  }

  expire(token: string): void {
    if (this.current?.value === token) this.current = null;
  }

  private async signIn(): Promise<Token> {
    const { site, address, keys } = this.identity;
    const greeting = await this.http.json({ method: 'GET', path: 'v1/hello' }, hello, 'hello');
    const signers = requireSuccessor(this.identity, greeting);
    const { coordinator } = greeting;
    const { challenge } = await this.http.json(
      { method: 'POST', path: 'v1/sites/challenge', json: { protocol: PROTOCOL, site } },
      challengeReply,
      'challenge',
    );
    const nonce = toBase64(randomBytes(NONCE_BYTES));
    const text = sessionText(site, challenge, nonce);
    const askedAt = this.now();
    const reply = await this.http.json(
      {
        method: 'POST',
        path: 'v1/sites/session',
        json: { site, challenge, nonce, signature: signText(SESSION_LABEL, text, keys.sign.secretKey) },
        token: this.before,
      },
      sessionReply,
      'session reply',
    );
    if (!verifyText(COORDINATOR_SESSION_LABEL, text, reply.signature, coordinator.signKey)) {
      throw new FederationError(
        'COORDINATOR_KEY_CHANGED',
        `The coordinator at ${address} did not prove that it holds its pinned key.`,
      );
    }
    // Only now: an announcement can be recorded and shown by anyone, the proof of the session cannot.
    if (signers.length > 1) await adoptSuccessor(this.identity, coordinator, signers);
    failpoint('agent.session.opened');
    const life = Date.parse(reply.expiresAt) - askedAt;
    return { value: reply.token, renewAt: askedAt + Math.max(0, life * RENEW_AFTER) };
  }
}
