/**
 * The separable inverse of the 8 × 8 cosine transform (ITU T.81 A.3.3), in the scaled integers of Loeffler, Ligtenberg
 * and Moschytz (ICASSP 1989) that libjpeg calls "islow": with the same rounding as other DICOM toolkits, the same
 * pixels.
 */

/** Fraction bits of the constants. */
const CONST_BITS = 13;
const fix = (x: number): number => Math.round(x * 2 ** CONST_BITS);
const F_0_298 = fix(0.298631336);
const F_0_390 = fix(0.390180644);
const F_0_541 = fix(0.5411961);
const F_0_765 = fix(0.765366865);
const F_0_899 = fix(0.899976223);
const F_1_175 = fix(1.175875602);
const F_1_501 = fix(1.50132111);
const F_1_847 = fix(1.847759065);
const F_1_961 = fix(1.96157056);
const F_2_053 = fix(2.053119869);
const F_2_562 = fix(2.562915447);
const F_3_072 = fix(3.072711026);

const workspace = new Int32Array(64);

/**
 * @param coefficients [64] dequantised, row-major
 * @param precision    8 or 12 bits of a sample
 * @param samples      [64] gets 0 … 2^precision − 1, row-major
 */
export function inverseDct(coefficients: Int32Array, precision: number, samples: Int32Array): void {
  // Fraction bits kept between the passes: 32 bits hold two with samples of 8 bits, one with 12.
  const kept = precision === 8 ? 2 : 1;
  for (let x = 0; x < 8; x++) transform(coefficients, x, 8, CONST_BITS - kept, workspace);
  for (let y = 0; y < 8; y++) transform(workspace, 8 * y, 1, CONST_BITS + kept + 3, samples);
  const middle = 1 << (precision - 1);
  const most = (1 << precision) - 1;
  for (let i = 0; i < 64; i++) {
    const value = (samples[i] as number) + middle;
    samples[i] = value < 0 ? 0 : value > most ? most : value;
  }
}

/** One row or column: `from`, then every `step`; the result is divided by 2^shift and rounded. */
function transform(input: Int32Array, from: number, step: number, shift: number, output: Int32Array): void {
  const at = (k: number): number => input[from + k * step] as number;
  // Even part.
  const rotated = (at(2) + at(6)) * F_0_541;
  const t2 = rotated - at(6) * F_1_847;
  const t3 = rotated + at(2) * F_0_765;
  const t0 = (at(0) + at(4)) * 2 ** CONST_BITS;
  const t1 = (at(0) - at(4)) * 2 ** CONST_BITS;
  const even = [t0 + t3, t1 + t2, t1 - t2, t0 - t3] as const;
  // Odd part.
  const [o0, o1, o2, o3] = [at(7), at(5), at(3), at(1)];
  const z5 = (o0 + o2 + o1 + o3) * F_1_175;
  const z1 = -(o0 + o3) * F_0_899;
  const z2 = -(o1 + o2) * F_2_562;
  const z3 = z5 - (o0 + o2) * F_1_961;
  const z4 = z5 - (o1 + o3) * F_0_390;
  const odd = [
    o3 * F_1_501 + z1 + z4,
    o2 * F_3_072 + z2 + z3,
    o1 * F_2_053 + z2 + z4,
    o0 * F_0_298 + z1 + z3,
  ] as const;
  const scale = 2 ** -shift;
  for (let k = 0; k < 4; k++) {
    const [a, b] = [even[k] as number, odd[k] as number];
    output[from + k * step] = Math.floor((a + b) * scale + 0.5);
    output[from + (7 - k) * step] = Math.floor((a - b) * scale + 0.5);
  }
}
