import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type {
  challengeReply,
  challengeRequest,
  sessionReply,
  sessionRequest,
} from '@fedoxnet/shared/protocol/http-messages';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import {
  COORDINATOR_SESSION_LABEL,
  SESSION_LABEL,
  sessionText,
} from '@fedoxnet/shared/sealing/session-texts';
import { signText, verifyText } from '@fedoxnet/shared/sealing/signature';
import type { CoordinatorContext } from '../context.js';
import type { SiteRow } from '../storage/site-tables.js';
import { requireHeldKey } from './held-key.js';
import { checkProtocol } from './protocol-version.js';
import { newSecret, secretHash } from '@fedoxnet/shared/access/secrets';

const CHALLENGE_BYTES = 32;
const CHALLENGE_MS = 60_000;
export const SESSION_MS = 12 * 60 * 60 * 1000;

/** @throws {FederationError} `SITE_UNKNOWN`, `SITE_REVOKED` */
function requireActive(site: SiteRow | null, name: string): SiteRow {
  if (site === null) throw new FederationError('SITE_UNKNOWN', `There is no site ${name}.`);
  if (site.revokedAt !== null) throw new FederationError('SITE_REVOKED', `Site ${name} was revoked.`);
  return site;
}

/** A fresh value for the site to sign; it serves once and for a minute. */
export async function challengeSite(
  { database, now }: CoordinatorContext,
  { protocol, site }: z.infer<typeof challengeRequest>,
): Promise<z.infer<typeof challengeReply>> {
  checkProtocol(protocol);
  const { sites } = database.stores;
  const at = now();
  requireActive(await sites.find(site), site);
  await sites.forgetExpired(at);
  const challenge = toBase64(randomBytes(CHALLENGE_BYTES));
  await sites.addChallenge(challenge, site, new Date(at.getTime() + CHALLENGE_MS));
  return { challenge };
}

/** How a site asked for a session. */
export interface SessionAsker {
  readonly address: string;
  /** The token that it had before, when it says so; it may have ended. */
  readonly before: string | undefined;
}

/**
 * Opens a session for a site that signed its challenge, and proves in turn that this is the coordinator it pinned. An agent that is
 * connected goes on with it when it shows its last token; anybody else with the site's key is noted, if it is not the same machine.
 * @throws {FederationError} `SIGNATURE_INVALID`, `SESSION_INVALID`, `SITE_UNKNOWN`, `SITE_REVOKED`
 */
export async function openSession(
  { database, keys, now, agents, doubleUse }: CoordinatorContext,
  { site, challenge, nonce, signature }: z.infer<typeof sessionRequest>,
  { address, before }: SessionAsker,
): Promise<z.infer<typeof sessionReply>> {
  const { sites } = database.stores;
  const at = now();
  const { signKey } = requireActive(await sites.find(site), site);
  if (!(await sites.takeChallenge(challenge, site, at))) {
    throw new FederationError('SESSION_INVALID', `The challenge of ${site} is unknown, used or too old.`);
  }
  const text = sessionText(site, challenge, nonce);
  if (!verifyText(SESSION_LABEL, text, signature, signKey)) {
    throw new FederationError('SIGNATURE_INVALID', `The challenge of ${site} is not signed with its key.`);
  }
  const token = newSecret();
  const expiresAt = new Date(at.getTime() + SESSION_MS);
  await database.transaction(async (stores) => {
    await requireHeldKey(stores, site, signKey);
    await stores.sites.addSession(secretHash(token), site, expiresAt);
  });
  const goesOn = before !== undefined && agents.renew(site, secretHash(before), secretHash(token));
  const connected = agents.addressOf(site);
  if (!goesOn && connected !== null && connected !== address) await doubleUse.ofKey(site, address, 'sign-in');
  return {
    token,
    expiresAt: expiresAt.toISOString(),
    signature: signText(COORDINATOR_SESSION_LABEL, text, keys.sign.secretKey),
  };
}

/** The site behind a session token. @throws {FederationError} `SESSION_INVALID`, `SITE_REVOKED` */
export async function siteOfToken({ database, now }: CoordinatorContext, token: string): Promise<SiteRow> {
  const site = await database.stores.sites.siteOfSession(secretHash(token), now());
  if (site === null) throw new FederationError('SESSION_INVALID', 'The session is unknown or has ended.');
  return requireActive(site, site.name);
}
