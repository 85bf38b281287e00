import { z } from 'zod';

/** Site and study names: they appear in file names, URLs and logs, so their alphabet is small. */
export const shortName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'use lower-case letters, digits and hyphens, at most 63');

/** Free text of at most `max` characters on one line. Control characters and halves of surrogate pairs no database takes. */
export function lineOfText(max: number) {
  return z
    .string()
    .max(max)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters and halves of characters are not text');
}

/** The largest number of a round, attempt, release or step: nine digits in a path, 32 bits in a database. */
export const MAX_NUMBER = 999_999_999;

/** Of a round, attempt, release or step. */
export function numberFrom(least: 0 | 1) {
  return z.number().int().min(least).max(MAX_NUMBER);
}

/** Lower-case hexadecimal SHA-256. */
export const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/, 'expected 64 lower-case hexadecimal digits');

/** Characters that may end base64 text, by the number of padding signs after them: unused bits are zero. */
const LAST_CHARACTER = ['[A-Za-z0-9+/]', '[AEIMQUYcgkosw048]', '[AQgw]'] as const;

/** Standard base64 with padding of exactly `bytes` bytes (at least 1), in its one canonical form. */
export function base64Bytes(bytes: number) {
  const padding = (3 - (bytes % 3)) % 3;
  const characters = Math.ceil(bytes / 3) * 4 - padding;
  const pattern = `^[A-Za-z0-9+/]{${characters - 1}}${LAST_CHARACTER[padding]}={${padding}}$`;
  return z.string().regex(new RegExp(pattern), `expected ${bytes} bytes as base64`);
}
