import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import nacl from 'tweetnacl';
import { fromBase64, toBase64 } from './base64.js';

/**
 * Ed25519 by the platform, which is a hundred times as fast as in JavaScript: a coordinator checks a few signatures for each
 * site and round. It takes keys in DER alone, so the raw ones of keys.ts get their fixed beginning (RFC 8410 §4, §7).
 */
const PUBLIC_BEGINNING = Buffer.from('302a300506032b6570032100', 'hex');
const SECRET_BEGINNING = Buffer.from('302e020100300506032b657004220420', 'hex');

function publicKeyOf(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([PUBLIC_BEGINNING, bytes]), format: 'der', type: 'spki' });
}

/** @param secretKey seed ‖ public key, 64 bytes */
function privateKeyOf(secretKey: Uint8Array): KeyObject {
  if (secretKey.length !== nacl.sign.secretKeyLength) {
    throw new TypeError(`secretKey has ${secretKey.length} bytes, not ${nacl.sign.secretKeyLength}`);
  }
  const seed = secretKey.subarray(0, nacl.sign.seedLength);
  return createPrivateKey({ key: Buffer.concat([SECRET_BEGINNING, seed]), format: 'der', type: 'pkcs8' });
}

/** What is signed: the label names the purpose, so that no signature can serve another one. PROTOCOL.md §2. */
function signedBytes(label: string, text: string): Uint8Array {
  if (!/^[a-z0-9 ]+$/.test(label)) throw new TypeError(`"${label}" cannot be a label`);
  return new TextEncoder().encode(`${label}\n${text}`);
}

/**
 * Ed25519 over the UTF-8 bytes of `label ‖ "\n" ‖ text`.
 * @param secretKey 64 bytes, `SiteKeys.sign.secretKey`
 * @returns 64 bytes in base64
 */
export function signText(label: string, text: string, secretKey: Uint8Array): string {
  return toBase64(sign(null, signedBytes(label, text), privateKeyOf(secretKey)));
}

/**
 * @param signature 64 bytes in base64
 * @param publicKey 32 bytes in base64, `PublicKeys.signKey`
 * @returns false when the signature is of another label, text or key
 * @throws {FederationError} `MESSAGE_INVALID` when `signature` or `publicKey` is not base64 of its length
 */
export function verifyText(label: string, text: string, signature: string, publicKey: string): boolean {
  return verify(
    null,
    signedBytes(label, text),
    publicKeyOf(fromBase64(publicKey, nacl.sign.publicKeyLength, 'signing key')),
    fromBase64(signature, nacl.sign.signatureLength, 'signature'),
  );
}
