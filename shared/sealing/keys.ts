import nacl from 'tweetnacl';
import { z } from 'zod';
import { FederationError } from '../errors.js';
import { base64Bytes } from '../ids.js';
import type { PublicKeys } from '../protocol/http-messages.js';
import { fromBase64, toBase64 } from './base64.js';

/** Public keys are text (base64) wherever they travel or are stored; secret keys are bytes and never leave their owner. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** The identity of a site, and in the same form of the coordinator. */
export interface SiteKeys {
  /** Ed25519; `secretKey` is seed ‖ public key, 64 bytes. */
  readonly sign: KeyPair;
  /** X25519; `secretKey` is 32 bytes. */
  readonly box: KeyPair;
}

/** From which an Ed25519 pair is made; it begins the secret key. */
export const SIGN_SEED_BYTES = nacl.sign.seedLength;

/** The file holds secrets alone; public keys are derived, so that the two can never disagree. */
const keyFile = z.strictObject({
  version: z.literal(1),
  /** Ed25519 seed. */
  signSeed: base64Bytes(SIGN_SEED_BYTES),
  /** X25519 secret key. */
  boxSecretKey: base64Bytes(32),
});

/** @param seed 32 bytes */
export function signPairOf(seed: Uint8Array): KeyPair {
  return nacl.sign.keyPair.fromSeed(seed);
}

export function generateKeys(): SiteKeys {
  return { sign: nacl.sign.keyPair(), box: nacl.box.keyPair() };
}

/** @returns the text of a key file: JSON with secrets in it. Whoever writes it sets mode 0600. */
export function encodeKeys(keys: SiteKeys): string {
  const file: z.infer<typeof keyFile> = {
    version: 1,
    signSeed: toBase64(keys.sign.secretKey.subarray(0, SIGN_SEED_BYTES)),
    boxSecretKey: toBase64(keys.box.secretKey),
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** @throws {FederationError} `CONFIG_INVALID`; the message never repeats the text. */
export function decodeKeys(text: string): SiteKeys {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new FederationError('CONFIG_INVALID', 'The key file is not JSON.');
  }
  const parsed = keyFile.safeParse(value);
  if (!parsed.success) {
    const field = parsed.error.issues[0]?.path.join('.') || 'the whole';
    throw new FederationError('CONFIG_INVALID', `The key file is not one of fedoxnet: ${field} is wrong.`);
  }
  return {
    sign: signPairOf(fromBase64(parsed.data.signSeed, SIGN_SEED_BYTES, 'sign seed')),
    box: nacl.box.keyPair.fromSecretKey(
      fromBase64(parsed.data.boxSecretKey, nacl.box.secretKeyLength, 'box secret key'),
    ),
  };
}

export function publicKeysOf(keys: SiteKeys): PublicKeys {
  return { signKey: toBase64(keys.sign.publicKey), boxKey: toBase64(keys.box.publicKey) };
}
