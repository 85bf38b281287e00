import type { Request } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import { actorOf, holderOfToken, requirePermission } from '../people/access.js';
import type { Actor, Permission } from '../people/roles.js';
import { siteOfToken } from '../sites/site-session.js';
import type { Caller } from '../sites/agent-link.js';
import type { SiteRow } from '../storage/site-tables.js';
import { rememberAsker } from './asker.js';
import { secretHash } from '@fedoxnet/shared/access/secrets';

export function bearerToken(request: Request): string | undefined {
  return /^Bearer ([\w-]{1,200})$/.exec(request.get('authorization') ?? '')?.[1];
}

/** The site that asks. @throws {FederationError} `SESSION_INVALID`, `SITE_REVOKED` */
export async function requireSite(context: CoordinatorContext, request: Request): Promise<SiteRow> {
  const token = bearerToken(request);
  if (token === undefined)
    throw new FederationError('SESSION_INVALID', 'The request carries no bearer token.');
  const site = await siteOfToken(context, token);
  rememberAsker(request, { site: site.name });
  return site;
}

/** The session and address of a site that `requireSite` has let in. */
export function callerOf(request: Request): Caller {
  return { session: secretHash(bearerToken(request) ?? ''), address: request.ip ?? '' };
}

/** The person or token holder that asks. @throws {FederationError} `FORBIDDEN`, `SESSION_INVALID` */
export async function requireActor(
  context: CoordinatorContext,
  request: Request,
  permission: Permission,
): Promise<Actor> {
  const actor = await actorOf(context, bearerToken(request), request.headers);
  rememberAsker(request, { person: actor.name });
  return requirePermission(actor, permission);
}

/**
 * Whoever it is, site, person or token holder: what they may do is asked later.
 * @returns a name by which one of them is told from another
 * @throws {FederationError} `SESSION_INVALID`, `SITE_REVOKED`, `FORBIDDEN`
 */
export async function whoAsks(context: CoordinatorContext, request: Request): Promise<string> {
  const token = bearerToken(request);
  const holder = token === undefined ? null : holderOfToken(context.tokens, token);
  if (holder !== null) return holder.name;
  if (token !== undefined) return `site ${(await siteOfToken(context, token)).name}`;
  return `person ${(await actorOf(context, undefined, request.headers)).name}`;
}
