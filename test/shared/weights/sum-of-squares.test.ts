import { expect } from 'chai';
import { sumOfSquares } from '@fedoxnet/shared/weights/sum-of-squares';

describe('the sum of squares', () => {
  it('counts every number once, however many there are', () => {
    expect(sumOfSquares(new Float32Array(0))).to.equal(0);
    expect(sumOfSquares(Float32Array.of(3))).to.equal(9);
    expect(sumOfSquares(Float32Array.of(3, -4))).to.equal(25);
    expect(sumOfSquares(Float32Array.of(1, 2, 4))).to.equal(21);
  });

  it('is finite for the largest numbers, and for none that is not finite itself', () => {
    const largest = (2 - 2 ** -23) * 2 ** 127;
    expect(sumOfSquares(new Float32Array(1000).fill(largest))).to.be.finite;
    for (const bad of [NaN, Infinity, -Infinity]) {
      for (const at of [0, 1, 2]) {
        const values = new Float32Array(3);
        values[at] = bad;
        expect(sumOfSquares(values)).not.to.be.finite;
      }
    }
  });
});
