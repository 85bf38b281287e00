/**
 * Separable Gaussian blur of a square plane; the border repeats its outermost values.
 * @param values [size · size]
 * @param sigma  pixels; below 0.3 nothing is done, since the kernel would be a single value
 */
export function gaussianBlur(values: Float32Array, size: number, sigma: number): Float32Array {
  if (sigma < 0.3) return values;
  const reach = Math.ceil(3 * sigma);
  const kernel = Float32Array.from({ length: 2 * reach + 1 }, (_, i) =>
    Math.exp(-((i - reach) ** 2) / (2 * sigma * sigma)),
  );
  const sum = kernel.reduce((total, weight) => total + weight, 0);
  for (let i = 0; i < kernel.length; i++) kernel[i] = (kernel[i] as number) / sum;
  const across = blurRows(values, size, kernel, reach);
  return transpose(blurRows(transpose(across, size), size, kernel, reach), size);
}

function blurRows(values: Float32Array, size: number, kernel: Float32Array, reach: number): Float32Array {
  const blurred = new Float32Array(size * size);
  const padded = new Float32Array(size + 2 * reach);
  for (let row = 0; row < size; row++) {
    const line = values.subarray(row * size, (row + 1) * size);
    padded.fill(line[0] as number, 0, reach);
    padded.set(line, reach);
    padded.fill(line[size - 1] as number, reach + size);
    for (let column = 0; column < size; column++) {
      let sum = 0;
      for (let i = 0; i < kernel.length; i++) sum += (kernel[i] as number) * (padded[column + i] as number);
      blurred[row * size + column] = sum;
    }
  }
  return blurred;
}

function transpose(values: Float32Array, size: number): Float32Array {
  const turned = new Float32Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++)
      turned[column * size + row] = values[row * size + column] as number;
  }
  return turned;
}
