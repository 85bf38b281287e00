import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { base64Bytes } from '@fedoxnet/shared/ids';
import { successions, type KeySuccession } from '@fedoxnet/shared/protocol/http-messages';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SealedKeyFor } from '@fedoxnet/shared/sealing/header';
import {
  decodeKeys,
  encodeKeys,
  generateKeys,
  publicKeysOf,
  type SiteKeys,
} from '@fedoxnet/shared/sealing/keys';
import { fromBase64, toBase64 } from '@fedoxnet/shared/sealing/base64';
import { secretFile } from '../secret-files.js';

/** The coordinator's keys, and what is left of those before. */
export interface KeyRing extends SiteKeys {
  /** Opens updates that sites sealed before the last rotation; none before the first. */
  readonly formerBoxSecretKey: Uint8Array | null;
  /** Every rotation, oldest first: what a site follows from the key that it pinned. */
  readonly succession: readonly KeySuccession[];
}

export const KEY_FILE = 'coordinator.key';
/** A rotation that was begun: the keys that come next. */
export const NEXT_KEY_FILE = 'coordinator.key.next';

const BOX_KEY_BYTES = 32;

/** A coordinator that never rotated its keys has the plain form of keys.ts. */
const ringFile = z.strictObject({
  version: z.literal(2),
  keys: z.unknown(),
  formerBoxSecretKey: base64Bytes(BOX_KEY_BYTES).nullable(),
  succession: successions,
});

/** @returns the text of a key file, with secrets in it */
export function encodeRing(ring: KeyRing): string {
  const { formerBoxSecretKey, succession } = ring;
  const file: z.infer<typeof ringFile> = {
    version: 2,
    keys: JSON.parse(encodeKeys(ring)),
    formerBoxSecretKey: formerBoxSecretKey === null ? null : toBase64(formerBoxSecretKey),
    succession: [...succession],
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @throws {FederationError} `CONFIG_INVALID`; the message never repeats the text */
export function decodeRing(text: string): KeyRing {
  const parsed = ringFile.safeParse(parseJson(text));
  if (!parsed.success) return { ...decodeKeys(text), formerBoxSecretKey: null, succession: [] };
  const { keys, formerBoxSecretKey: former, succession } = parsed.data;
  return {
    ...decodeKeys(JSON.stringify(keys)),
    formerBoxSecretKey: former === null ? null : fromBase64(former, BOX_KEY_BYTES, 'former box secret key'),
    succession,
  };
}

/** The ring of a data folder; made when there is none. */
export async function loadRing(dataDir: string): Promise<KeyRing> {
  return decodeRing(await secretFile(join(dataDir, KEY_FILE), () => encodeKeys(generateKeys())));
}

/** The ring that a begun rotation leads to; null when none was begun. */
export async function loadNextRing(dataDir: string): Promise<KeyRing | null> {
  const path = join(dataDir, NEXT_KEY_FILE);
  try {
    return decodeRing(await readFile(path, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FederationError('CONFIG_INVALID', `The secret file ${path} cannot be read.`, { cause });
  }
}

/**
 * The data key of an update: sealed for the present box key or, by a site that was at work during a rotation, for the one before.
 * @throws {FederationError} `DATA_KEY_NOT_AUTHENTIC`
 */
export function openUpdateKey(
  sealed: SealedKeyFor,
  { box, formerBoxSecretKey = null }: Pick<SiteKeys, 'box'> & Partial<Pick<KeyRing, 'formerBoxSecretKey'>>,
): Uint8Array {
  try {
    return openDataKey(sealed, box.secretKey);
  } catch (error) {
    if (formerBoxSecretKey === null) throw error;
    return openDataKey(sealed, formerBoxSecretKey);
  }
}

/** The signing key with which the audit log begins. */
export function firstSignKey(ring: KeyRing): string {
  return ring.succession[0]?.from ?? publicKeysOf(ring).signKey;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
