import { createHash } from 'node:crypto';

/** SHA-256 as 64 lower-case hexadecimal digits, the form in which digests travel. Text is taken as UTF-8. */
export function digestOf(content: Uint8Array | string): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The same digest for content that arrives in pieces. */
export class RunningDigest {
  readonly #hash = createHash('sha256');

  update(piece: Uint8Array): this {
    this.#hash.update(piece);
    return this;
  }

  /** May be called once; the digest is closed afterwards. */
  hex(): string {
    return this.#hash.digest('hex');
  }
}
