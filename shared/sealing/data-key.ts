import { createHash, randomBytes } from 'node:crypto';
import nacl from 'tweetnacl';
import { FederationError } from '../errors.js';
import { fromBase64, toBase64 } from './base64.js';
import type { SealedKeyFor } from './header.js';

export const DATA_KEY_BYTES = 32;
export const NONCE_PREFIX_BYTES = 7;

/** AES-256 key of one upload or release. Never reuse it: chunk nonces are unique only under a fresh key. */
export function generateDataKey(): Uint8Array {
  return new Uint8Array(randomBytes(DATA_KEY_BYTES));
}

/** For the header's `noncePrefix`. */
export function generateNoncePrefix(): string {
  return toBase64(randomBytes(NONCE_PREFIX_BYTES));
}

/** Both keys go in, so that the nonce is bound to sender and receiver; the ephemeral key makes it unique. */
function nonceOf(ephemeralKey: Uint8Array, receiverKey: Uint8Array): Uint8Array {
  const hash = createHash('sha512').update(ephemeralKey).update(receiverKey).digest();
  return new Uint8Array(hash.subarray(0, nacl.box.nonceLength));
}

/**
 * @param dataKey        32 bytes
 * @param receiverBoxKey base64, `PublicKeys.boxKey` of who may open it
 */
export function sealDataKey(dataKey: Uint8Array, receiverBoxKey: string): SealedKeyFor {
  if (dataKey.length !== DATA_KEY_BYTES) throw new TypeError(`dataKey has ${dataKey.length} bytes, not 32`);
  const receiver = fromBase64(receiverBoxKey, nacl.box.publicKeyLength, 'box key');
  const ephemeral = nacl.box.keyPair();
  const sealed = nacl.box(dataKey, nonceOf(ephemeral.publicKey, receiver), receiver, ephemeral.secretKey);
  ephemeral.secretKey.fill(0);
  return { ephemeralKey: toBase64(ephemeral.publicKey), sealedKey: toBase64(sealed) };
}

/**
 * @param sealed               an update's header or a release's `key`
 * @param receiverBoxSecretKey 32 bytes, `SiteKeys.box.secretKey`
 * @throws {FederationError} `DATA_KEY_NOT_AUTHENTIC` when it was altered or sealed for another key
 */
export function openDataKey(sealed: SealedKeyFor, receiverBoxSecretKey: Uint8Array): Uint8Array {
  const ephemeralKey = fromBase64(sealed.ephemeralKey, nacl.box.publicKeyLength, 'ephemeral key');
  const sealedKey = fromBase64(sealed.sealedKey, DATA_KEY_BYTES + nacl.box.overheadLength, 'sealed data key');
  const receiverKey = nacl.scalarMult.base(receiverBoxSecretKey);
  const nonce = nonceOf(ephemeralKey, receiverKey);
  const dataKey = nacl.box.open(sealedKey, nonce, ephemeralKey, receiverBoxSecretKey);
  if (dataKey === null) {
    throw new FederationError('DATA_KEY_NOT_AUTHENTIC', 'The data key does not open with this key.');
  }
  return dataKey;
}
