import nacl from 'tweetnacl';
import { fromBase64, toBase64 } from './base64.js';

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
  return toBase64(nacl.sign.detached(signedBytes(label, text), secretKey));
}

/**
 * @param signature 64 bytes in base64
 * @param publicKey 32 bytes in base64, `PublicKeys.signKey`
 * @returns false when the signature is of another label, text or key
 * @throws {FederationError} `MESSAGE_INVALID` when `signature` or `publicKey` is not base64 of its length
 */
export function verifyText(label: string, text: string, signature: string, publicKey: string): boolean {
  return nacl.sign.detached.verify(
    signedBytes(label, text),
    fromBase64(signature, nacl.sign.signatureLength, 'signature'),
    fromBase64(publicKey, nacl.sign.publicKeyLength, 'signing key'),
  );
}
