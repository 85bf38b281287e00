import { z } from 'zod';
import { base64Bytes, numberFrom, sha256Hex, shortName } from '../ids.js';
import { MAX_CHUNKS } from '../protocol/limits.js';
import { updateMasses } from '../weights/roles.js';
import { UPDATE_ENCODINGS } from '../weights/update-encoding.js';

/**
 * Describes sealed weights: signed by the sender (signed-header.ts), and its SHA-256 is bound into every chunk as
 * associated data, so that no chunk can be moved to another site, round or attempt. PROTOCOL.md §4.
 */
const common = {
  version: z.literal(1),
  study: shortName,
  planHash: sha256Hex,
  /** Of the plaintext safetensors file. */
  digest: sha256Hex,
  bytes: z.number().int().min(1),
  chunks: z.number().int().min(1).max(MAX_CHUNKS),
  /** First 7 bytes of every chunk's 12-byte nonce, fresh per upload; 4-byte counter and last-flag follow. */
  noncePrefix: base64Bytes(7),
};

export const updateHeader = z.strictObject({
  kind: z.literal('update'),
  ...common,
  site: shortName,
  round: numberFrom(1),
  attempt: numberFrom(1),
  /** Digest of the release the site trained from. */
  base: sha256Hex,
  encoding: z.enum(UPDATE_ENCODINGS),
  masses: updateMasses,
  /** The data key sealed for the coordinator (data-key.ts). */
  ephemeralKey: base64Bytes(32),
  sealedKey: base64Bytes(48),
});
export type UpdateHeader = z.infer<typeof updateHeader>;

/** A release is encrypted once; each site fetches the data key sealed for it alone (`releaseGrant`). */
export const releaseHeader = z.strictObject({
  kind: z.literal('release'),
  ...common,
  /** 0 is the study's initial model, r the result of round r. */
  release: numberFrom(0),
});
export type ReleaseHeader = z.infer<typeof releaseHeader>;

/** What the server's optimiser keeps beside a release. It never leaves the coordinator, so it needs no signature. */
export type StateHeader = Omit<ReleaseHeader, 'kind'> & { readonly kind: 'state' };

export type SealedHeader = UpdateHeader | ReleaseHeader | StateHeader;

/**
 * A data key sealed for one receiver with nacl.box from an ephemeral X25519 key; the nonce is the first 24 bytes of
 * SHA-512(ephemeral public key ‖ receiver's public key). `sealedKey` is a 16-byte tag and the 32-byte key.
 */
export const sealedKeyFor = z.strictObject({ ephemeralKey: base64Bytes(32), sealedKey: base64Bytes(48) });
export type SealedKeyFor = z.infer<typeof sealedKeyFor>;
