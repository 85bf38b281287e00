import { z } from 'zod';

/** Site and study names: they appear in file names, URLs and logs, so their alphabet is small. */
export const shortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63');

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');

/** Standard base64 with padding of exactly `bytes` bytes. */
export function base64Bytes(bytes: number) {
  const length = Math.ceil(bytes / 3) * 4;
  return z
    .string()
    .length(length)
    .regex(/^[A-Za-z0-9+/]*={0,2}$/, `expected ${bytes} bytes as base64`);
}
