/**
 * IEEE 754 binary16 ("half"): 1 sign bit, 5 of exponent, 10 of fraction. Largest finite 65504, smallest normal 2⁻¹⁴,
 * smallest subnormal 2⁻²⁴; a number in the normal range is off by at most 2⁻¹¹ of itself.
 */
export const LARGEST_HALF = 65504;

const HALVES = 2 ** 16;

function decode(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}

/** All 65 536 of them, made at first use: 256 kB. */
let table: Float32Array | null = null;

/** @param half the 16 bits */
export function floatOfHalf(half: number): number {
  table ??= Float32Array.from({ length: HALVES }, (_, bits) => decode(bits));
  return table[half] as number;
}

const float = new Float32Array(1);
const bits = new Uint32Array(float.buffer);

/**
 * The 16 bits of the half nearest to a float32, ties to even, as IEEE 754 rounds by default. What lies beyond
 * ±65504 by half a step or more becomes an infinity; NaN stays NaN.
 */
export function halfOfFloat(value: number): number {
  float[0] = value;
  const all = bits[0] as number;
  const sign = (all >>> 16) & 0x8000;
  const magnitude = all & 0x7fffffff;
  // 2¹⁶, above which no half lies; then infinity and NaN.
  if (magnitude >= 0x47800000) return sign | (magnitude > 0x7f800000 ? 0x7e00 : 0x7c00);
  // 2⁻¹⁴: below it halves are multiples of 2⁻²⁴. Adding 0.5 makes float32's own rounding drop the rest.
  if (magnitude < 0x38800000) {
    float[0] = Math.abs(float[0]) + 0.5;
    return sign | ((bits[0] as number) - 0x3f000000);
  }
  // Rebias the exponent by 112, then round 13 bits away; a carry runs into the exponent as it should.
  const odd = (magnitude >>> 13) & 1;
  return sign | ((magnitude - 0x38000000 + 0xfff + odd) >>> 13);
}
