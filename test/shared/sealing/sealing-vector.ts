import type { z } from 'zod';
import type { enrolRequest, PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import type { UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { readVector } from '../python-peer.js';

/** test/vectors/sealing.json, made by sealing_peer.py from fixed keys. */
export interface SealingVector {
  readonly siteKeyFile: { readonly version: 1; readonly signSeed: string; readonly boxSecretKey: string };
  readonly siteKeys: PublicKeys;
  readonly coordinatorBoxSecretKey: string;
  readonly coordinatorBoxKey: string;
  readonly dataKey: string;
  readonly header: UpdateHeader;
  readonly canonicalHeader: string;
  readonly headerHash: string;
  readonly headerSignature: string;
  readonly chunkNonces: readonly string[];
  readonly sealedChunkDigests: readonly string[];
  readonly lastSealedChunk: string;
  readonly enrol: z.infer<typeof enrolRequest>;
  readonly session: {
    readonly site: string;
    readonly challenge: string;
    readonly signature: string;
    readonly nonce: string;
    readonly coordinatorSignature: string;
  };
  readonly approval: { readonly study: string; readonly hash: string; readonly signature: string };
}

export const sealingVector = readVector('sealing.json') as SealingVector;

/** Plaintext of the vector: byte i is (i · 31 + ⌊i / 256⌋) mod 256. */
export function patternBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i += 1) bytes[i] = (i * 31 + Math.floor(i / 256)) % 256;
  return bytes;
}
