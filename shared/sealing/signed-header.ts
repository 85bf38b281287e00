import { createHash } from 'node:crypto';
import { canonicalJson } from '../study/canonical-json.js';
import type { SealedHeader } from './header.js';
import { signText, verifyText } from './signature.js';

/** One label for both: the header's own `kind` tells an update from a release. */
export const HEADER_LABEL = 'fedoxnet header v1';

/** @returns the UTF-8 bytes that are signed (behind the label) and hashed */
export function canonicalHeader(header: SealedHeader): Uint8Array {
  return new TextEncoder().encode(canonicalJson(header));
}

/** SHA-256 of the canonical header, 32 bytes: the associated data of every chunk. */
export function headerHash(header: SealedHeader): Uint8Array {
  return new Uint8Array(createHash('sha256').update(canonicalHeader(header)).digest());
}

/** @returns Ed25519 signature, 64 bytes in base64 */
export function signHeader(header: SealedHeader, signSecretKey: Uint8Array): string {
  return signText(HEADER_LABEL, canonicalJson(header), signSecretKey);
}

/**
 * @param signKey base64: the site's for an update, the coordinator's for a release
 * @returns false when the header is not what that key signed
 * @throws {FederationError} `MESSAGE_INVALID` when `signature` or `signKey` is not base64 of its length
 */
export function verifyHeader(header: SealedHeader, signature: string, signKey: string): boolean {
  return verifyText(HEADER_LABEL, canonicalJson(header), signature, signKey);
}
