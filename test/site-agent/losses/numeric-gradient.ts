import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { Random } from '@fedoxnet/site-agent/random';

/**
 * Compares a loss and its taped gradient with an independent formula in float64: the value itself, and central
 * differences of the formula.
 * @param formula the loss of the flat input
 */
export function expectValueAndGradient(
  loss: (input: tf.Tensor) => tf.Tensor,
  shape: number[],
  input: number[],
  formula: (input: number[]) => number,
  tolerance = 2e-5,
): void {
  const { value, grad } = tf.valueAndGrad(loss as (x: tf.Tensor) => tf.Tensor)(tf.tensor(input, shape));
  const expected = formula(input);
  expect(value.dataSync()[0]).to.be.closeTo(expected, tolerance * Math.max(1, Math.abs(expected)));
  const taped = grad.dataSync();
  const h = 1e-5;
  for (let i = 0; i < input.length; i++) {
    const at = (offset: number) => formula(input.map((x, j) => (j === i ? x + offset : x)));
    const numeric = (at(h) - at(-h)) / (2 * h);
    expect(taped[i], `d/dx[${i}]`).to.be.closeTo(numeric, tolerance * Math.max(1, Math.abs(numeric)));
  }
}

/** `count` numbers in low … high from a printed seed. */
export function randomNumbers(seed: string, count: number, low: number, high: number): number[] {
  const random = new Random(seed);
  return Array.from({ length: count }, () => random.between(low, high));
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
export const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
