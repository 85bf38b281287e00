import type { IncomingHttpHeaders } from 'node:http';
import { parseCookie } from 'cookie';
import { FederationError } from '@fedoxnet/shared/errors';
import { requireOwnPage } from '@fedoxnet/shared/access/own-page';
import type { CoordinatorContext } from '../context.js';
import type { AccessTokens } from '../secret-files.js';
import { secretsEqual } from '@fedoxnet/shared/access/secrets';
import { actorOfSession } from './person-session.js';
import { may, type Actor, type Permission } from './roles.js';

export const SESSION_COOKIE = 'fedoxnet_session';

/** The session's secret, if the request carries the cookie. */
export function sessionCookie({ cookie }: IncomingHttpHeaders): string | undefined {
  return parseCookie(cookie ?? '')[SESSION_COOKIE];
}

/** Null when it is no token of the data folder. */
export function holderOfToken(tokens: AccessTokens, token: string): Actor | null {
  // Both are compared whatever the first says, so that the time tells nothing.
  const isOperator = secretsEqual(token, tokens.operator);
  const isViewer = secretsEqual(token, tokens.viewer);
  if (isOperator) return { name: 'token:operator', role: 'operator' };
  if (isViewer) return { name: 'token:viewer', role: 'viewer' };
  return null;
}

/** @throws {FederationError} `FORBIDDEN` */
function actorOfToken(tokens: AccessTokens, token: string): Actor {
  const holder = holderOfToken(tokens, token);
  if (holder !== null) return holder;
  throw new FederationError('FORBIDDEN', 'The token is neither the operator token nor the viewer token.');
}

/**
 * Who asks, by the token if there is one, else by the session in the cookie. A cookie counts only on requests that our
 * own page made, so that no other page can act in the name of whoever is signed in (CSRF).
 * @throws {FederationError} `FORBIDDEN`, `SESSION_INVALID`
 */
export async function actorOf(
  context: CoordinatorContext,
  token: string | undefined,
  headers: IncomingHttpHeaders,
): Promise<Actor> {
  if (token !== undefined) return actorOfToken(context.tokens, token);
  const session = sessionCookie(headers);
  if (session === undefined) {
    throw new FederationError('SESSION_INVALID', 'The request carries neither a token nor a session.');
  }
  requireOwnPage(headers);
  return actorOfSession(context, session);
}

/** @throws {FederationError} `FORBIDDEN` */
export function requirePermission(actor: Actor, permission: Permission): Actor {
  if (may(actor, permission)) return actor;
  throw new FederationError('FORBIDDEN', `A ${actor.role} may not do this.`);
}
