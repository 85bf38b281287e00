import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { base64Bytes, shortName } from '@fedoxnet/shared/ids';
import { publicKeys, type hello, type PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { signersSince } from '@fedoxnet/shared/sealing/key-succession';
import { decodeKeys, encodeKeys, generateKeys, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';
import { keepFormerSigner } from './former-signers.js';

/** Written once, when the coordinator took the invitation: who this site is, and whom it will talk to from then on. */
const membership = z.strictObject({
  version: z.literal(1),
  site: shortName,
  /** The coordinator's address without a trailing slash. */
  address: z.url({ protocol: /^https?$/ }),
  /** Pinned: another coordinator at the same address is refused with COORDINATOR_KEY_CHANGED. */
  coordinator: publicKeys,
  /** Signing keys that the coordinator had before, since this site enrolled; oldest first. */
  formerSignKeys: z.array(base64Bytes(32)).optional(),
});
export type Membership = z.infer<typeof membership>;

export interface Identity extends Membership {
  readonly keys: SiteKeys;
  /** Where it is kept; left out by those who only borrow it. */
  readonly home?: string;
}

const keysPath = (home: string): string => join(home, 'keys.json');
const nextKeysPath = (home: string): string => join(home, 'keys.next.json');
const membershipPath = (home: string): string => join(home, 'membership.json');

/** The site's secret keys: those made before, else new ones. They never leave the home folder (0600). */
export async function loadOrMakeKeys(home: string): Promise<{ keys: SiteKeys; made: boolean }> {
  const stored = await readKeys(keysPath(home));
  if (stored !== null) return { keys: stored, made: false };
  const keys = generateKeys();
  await writeFileAtomic(keysPath(home), encodeKeys(keys), 0o600);
  return { keys, made: true };
}

/** The keys that follow the present ones: those of a rotation that was begun, else new ones (0600). */
export async function nextKeys(home: string): Promise<SiteKeys> {
  const begun = await readKeys(nextKeysPath(home));
  if (begun !== null) return begun;
  const keys = generateKeys();
  await writeFileAtomic(nextKeysPath(home), encodeKeys(keys), 0o600);
  return keys;
}

/** From now on the next keys are the site's. Of the old ones the signing key stays until no receipt waits for it. */
export async function adoptNextKeys(home: string): Promise<void> {
  const old = await readKeys(keysPath(home));
  if (old !== null) await keepFormerSigner(home, old.sign);
  await rename(nextKeysPath(home), keysPath(home));
}

/** Takes back keys that no coordinator ever accepted. */
export function forgetKeys(home: string): Promise<void> {
  return rm(keysPath(home), { force: true });
}

export function readMembership(home: string): Promise<Membership | null> {
  return readJsonFile(membershipPath(home), membership, 'CONFIG_INVALID');
}

export function writeMembership(home: string, member: Membership): Promise<void> {
  return writeFileAtomic(membershipPath(home), `${JSON.stringify(member, null, 2)}\n`, 0o600);
}

/** @throws {FederationError} `SITE_UNKNOWN` for a home without an enrolled site, `CONFIG_INVALID` for a broken file */
export async function loadIdentity(home: string): Promise<Identity> {
  const member = await readMembership(home);
  const keys = await readKeys(keysPath(home));
  if (member === null || keys === null) {
    throw new FederationError('SITE_UNKNOWN', `There is no enrolled site in --home ${home}.`);
  }
  return { ...member, keys, home };
}

/**
 * The signing keys by which a coordinator that shows `greeting` follows from the one that was pinned; the pinned one alone
 * when nothing has changed.
 * @throws {FederationError} `COORDINATOR_KEY_CHANGED` when the pinned keys did not announce those that are shown
 */
export function requireSuccessor(
  { coordinator, address }: Membership,
  greeting: z.infer<typeof hello>,
): readonly string[] {
  const signers = signersSince(coordinator, greeting.succession, greeting.coordinator);
  if (signers === null) throw keyChanged(address);
  return signers;
}

/** From now on the coordinator's new keys are the pinned ones: the agent's other parts see it in `identity`, the next start on disk. */
export async function adoptSuccessor(
  identity: Identity,
  coordinator: PublicKeys,
  signers: readonly string[],
): Promise<void> {
  const { version, site, address, formerSignKeys = [] } = identity;
  const former = [...formerSignKeys, ...signers.slice(0, -1)];
  const member = { version, site, address, coordinator, formerSignKeys: former };
  if (identity.home !== undefined) await writeMembership(identity.home, member);
  Object.assign(identity, member);
}

function keyChanged(address: string): FederationError {
  return new FederationError('COORDINATOR_KEY_CHANGED', `The coordinator at ${address} shows other keys.`);
}

/** @throws {FederationError} `COORDINATOR_KEY_CHANGED` when `shown` are not the keys pinned at enrolment */
export function requirePinned(pinned: PublicKeys, shown: PublicKeys, address: string): void {
  if (pinned.signKey === shown.signKey && pinned.boxKey === shown.boxKey) return;
  throw keyChanged(address);
}

async function readKeys(path: string): Promise<SiteKeys | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FederationError('CONFIG_INVALID', `${path} cannot be read.`, { cause });
  }
  return decodeKeys(text);
}
