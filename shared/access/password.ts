import { randomBytes, scrypt, timingSafeEqual, type ScryptOptions } from 'node:crypto';
import { z } from 'zod';

/** Long enough to resist guessing without rules about its letters (NIST SP 800-63B §3.1.1). */
export const password = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(200, 'must have at most 200 characters');

/** 32 MiB and three passes: as strong as OWASP's N = 2¹⁷, in a quarter of the memory. */
const COST = { N: 2 ** 15, r: 8, p: 3 };
const SALT_BYTES = 16;
const KEY_BYTES = 32;

/** The last derivation asked for. They queue, so that a flood of sign-ins cannot fill the memory. */
let queue: Promise<unknown> = Promise.resolve();

function derive(text: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> {
  const options: ScryptOptions = { N, r, p, maxmem: 256 * N * r };
  const derived = queue.then(
    () =>
      new Promise<Buffer>((resolve, reject) => {
        scrypt(text.normalize('NFKC'), salt, KEY_BYTES, options, (error, key) =>
          error === null ? resolve(key) : reject(error),
        );
      }),
  );
  queue = derived.catch(() => undefined);
  return derived;
}

/** `scrypt$N$r$p$salt$key` (RFC 7914), numbers in decimal, the rest base64: it carries its own cost, so that can grow later. */
export async function hashPassword(text: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const key = await derive(text, salt, COST);
  const { N, r, p } = COST;
  return ['scrypt', N, r, p, salt.toString('base64'), key.toString('base64')].join('$');
}

/**
 * @param hash from the database; null for a person who is unknown or has no password yet: false, after as much work as
 *   for any other, so that the time tells nobody which names exist
 */
export async function verifyPassword(text: string, hash: string | null): Promise<boolean> {
  if (hash === null) {
    await derive(text, Buffer.alloc(SALT_BYTES), COST);
    return false;
  }
  const [, N, r, p, salt = '', key = ''] = hash.split('$');
  const expected = Buffer.from(key, 'base64');
  const found = await derive(text, Buffer.from(salt, 'base64'), { N: Number(N), r: Number(r), p: Number(p) });
  return expected.length === found.length && timingSafeEqual(found, expected);
}
