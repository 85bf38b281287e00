import { createHash } from 'node:crypto';

/**
 * A seeded stream of random numbers: xoshiro128** of Blackman and Vigna 2021 (doi 10.1145/3460772), its state taken from
 * SHA-256 of the words that name the stream. A run draws from nothing else, so equal words give equal runs, and a run that
 * was cut off finds the stream of any step again without having stored it.
 */
export class Random {
  private readonly state: Uint32Array;

  /** @param words what the stream is for, such as seed, site, round and step */
  constructor(...words: readonly (string | number)[]) {
    const hash = createHash('sha256').update(JSON.stringify(words)).digest();
    this.state = Uint32Array.from({ length: 4 }, (_, i) => hash.readUInt32LE(4 * i));
  }

  /** A whole number in 0 … 2³² − 1. */
  next(): number {
    const s = this.state;
    const [s0, s1, s2, s3] = s as unknown as [number, number, number, number];
    const scrambled = Math.imul(rotateLeft(Math.imul(s1, 5), 7), 9) >>> 0;
    s[2] = s2 ^ s0;
    s[3] = s3 ^ s1;
    s[1] = s1 ^ s[2]!;
    s[0] = s0 ^ s[3]!;
    s[2]! ^= s1 << 9;
    s[3] = rotateLeft(s[3]!, 11);
    return scrambled;
  }

  /** Uniform in [0, 1). */
  uniform(): number {
    return this.next() / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Uniform in 0 … count − 1. The bias of the modulus is below count / 2³². */
  below(count: number): number {
    return this.next() % count;
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Shuffles in place (Fisher and Yates) and returns its argument. */
  shuffle<T>(items: T[]): T[] {
    for (let i = items.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [items[i], items[j]] = [items[j]!, items[i]!];
    }
    return items;
  }
}

function rotateLeft(x: number, bits: number): number {
  return (x << bits) | (x >>> (32 - bits));
}
