/** Sizes of one convolution over square maps: [films, side, side, inputs] → [films, ⌈side / stride⌉, …, outputs]. */
export interface PlainConvolution {
  readonly films: number;
  readonly side: number;
  readonly kernel: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: 1 | 2;
  /** Cells of zeros before the map, above and to the left. */
  readonly before: number;
}

export interface PlainResult {
  /** [films, ⌈side / stride⌉, ⌈side / stride⌉, outputs] */
  readonly y: Float64Array;
  /** dL/dx and dL/dkernel for dL/dy = `dy`. */
  readonly dx: Float64Array;
  readonly dKernel: Float64Array;
}

/**
 * The definition of a convolution and of its two gradients as one loop over every product x · k that goes into a y:
 * each adds x · k to y, dy · k to dx and dy · x to dK.
 * @param x      [films, side, side, inputs]
 * @param kernel [k, k, inputs, outputs]
 * @param dy     as y
 */
export function plainConvolution(
  { films, side, kernel: width, inputs, outputs, stride, before }: PlainConvolution,
  x: ArrayLike<number>,
  kernel: ArrayLike<number>,
  dy: ArrayLike<number>,
): PlainResult {
  const after = Math.ceil(side / stride);
  const y = new Float64Array(films * after * after * outputs);
  const dx = new Float64Array(x.length);
  const dKernel = new Float64Array(kernel.length);
  for (let place = 0; place < films * after * after; place++) {
    const [film, row, column] = [
      Math.floor(place / after ** 2),
      Math.floor(place / after) % after,
      place % after,
    ];
    for (let tap = 0; tap < width * width; tap++) {
      const [top, left] = [
        row * stride - before + Math.floor(tap / width),
        column * stride - before + (tap % width),
      ];
      if (top < 0 || top >= side || left < 0 || left >= side) continue;
      for (let i = 0; i < inputs; i++) {
        const from = ((film * side + top) * side + left) * inputs + i;
        for (let o = 0; o < outputs; o++) {
          const [to, by] = [place * outputs + o, (tap * inputs + i) * outputs + o];
          y[to]! += x[from]! * kernel[by]!;
          dx[from]! += dy[to]! * kernel[by]!;
          dKernel[by]! += dy[to]! * x[from]!;
        }
      }
    }
  }
  return { y, dx, dKernel };
}
