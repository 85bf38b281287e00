/**
 * Σ v² in float64. NaN or infinite exactly when one of the numbers is: the square of a float32 is far from the end of float64.
 * Every other number goes to a sum of its own, because an addition has to wait for the one before it.
 */
export function sumOfSquares(values: Float32Array): number {
  const { length } = values;
  // Not in one pattern, as a list of two: the sums would be objects, a new one for each number.
  let even = 0;
  let odd = 0;
  for (let index = 0; index + 1 < length; index += 2) {
    const first = values[index] as number;
    const second = values[index + 1] as number;
    even += first * first;
    odd += second * second;
  }
  if (length % 2 === 1) even += (values[length - 1] as number) ** 2;
  return even + odd;
}
