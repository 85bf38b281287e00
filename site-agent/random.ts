import { createHash } from 'node:crypto';

/**
 * Random numbers that are the same on every machine: the sfc32 generator (PractRand's "small fast counting"
 * generator, 128 bits of state), its state taken from the SHA-256 of the text that names the stream. Phantoms and
 * training draw from nothing else, so equal names give equal films and equal runs, and a run that was cut off finds
 * the stream of any step again without having stored it. Not for keys or nonces.
 */
export class Random {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(private readonly seed: string) {
    const digest = createHash('sha256').update(seed).digest();
    this.a = digest.readInt32LE(0);
    this.b = digest.readInt32LE(4);
    this.c = digest.readInt32LE(8);
    this.counter = digest.readInt32LE(12);
  }

  /** @param words what the stream is for, such as seed, site, round and step */
  static of(...words: readonly (string | number)[]): Random {
    return new Random(JSON.stringify(words));
  }

  /** An independent stream of the same seed, so that one part may draw more numbers without moving the others. */
  fork(purpose: string): Random {
    return new Random(`${this.seed}/${purpose}`);
  }

  /** Uniform in [0, 1), in steps of 2⁻³². */
  uniform(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return (sum >>> 0) / 4294967296;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.uniform();
  }

  /** Whole number in [low, high], both included. */
  integer(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  /** Whole number in 0 … count − 1. */
  below(count: number): number {
    return Math.floor(count * this.uniform());
  }

  chance(probability: number): boolean {
    return this.uniform() < probability;
  }

  /** Normal by Box and Muller, cut at three standard deviations so that no anatomy is absurd. */
  normal(mean: number, deviation: number): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    const z = radius * Math.cos(2 * Math.PI * this.uniform());
    return mean + deviation * Math.min(3, Math.max(-3, z));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError('cannot pick from an empty list');
    return item;
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
