/** Fills a new tensor of the given shape. `random` is uniform on [0, 1) and belongs to this tensor alone. */
export type Initialiser = (shape: readonly number[], random: () => number) => Float32Array;

export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

export function constant(value: number): Initialiser {
  return (shape) => new Float32Array(elementCount(shape)).fill(value);
}

export const zeros: Initialiser = constant(0);
export const ones: Initialiser = constant(1);

/**
 * N(0, √(2 / (k · k · out))) for a kernel [k, k, in, out]: He et al. 2015 (arXiv:1502.01852), fan-out form, as the
 * reference network does (oxnet.md §1.1).
 */
export const heFanOut: Initialiser = (shape, random) => {
  const [height = 1, width = 1, , outputs = 1] = shape;
  const deviation = Math.sqrt(2 / (height * width * outputs));
  const values = new Float32Array(elementCount(shape));
  for (let i = 0; i < values.length; i++) values[i] = deviation * standardNormal(random);
  return values;
};

/** Box–Muller; 1 − u keeps the logarithm's argument above 0. */
function standardNormal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/**
 * A stream of uniform numbers for one named tensor: the same seed and name give the same stream whatever else the
 * network holds. FNV-1a of the name seeds mulberry32.
 */
export function namedRandom(seed: number, name: string): () => number {
  let state = (seed ^ 0x811c9dc5) >>> 0;
  for (let i = 0; i < name.length; i++) state = Math.imul(state ^ name.charCodeAt(i), 0x01000193) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
