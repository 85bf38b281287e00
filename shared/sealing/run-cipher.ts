import type { Cipher, Decipher } from 'node:crypto';

/**
 * Node gives every piece a fresh buffer. Small ones come from memory that was just in use; larger ones lie at the end of the heap,
 * which goes back to the system and is asked for again. A quarter of the processor time of a seal hangs on it.
 */
const PIECE_BYTES = 32 * 1024;

/**
 * Runs all of `input` through a stream cipher or a counter mode.
 * @param target where the result goes, at least as long; may be the memory of `input`
 */
export function runInto(cipher: Cipher | Decipher, input: Uint8Array, target: Uint8Array): void {
  for (let at = 0; at < input.length; at += PIECE_BYTES) {
    target.set(cipher.update(input.subarray(at, at + PIECE_BYTES)), at);
  }
}
