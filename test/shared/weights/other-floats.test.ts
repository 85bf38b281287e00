import { expect } from 'chai';
import { floatsFromDtype, isFloatDtype } from '@fedoxnet/shared/weights/other-floats';

const bytesOf = (...halves: number[]) => new Uint8Array(halves.flatMap((h) => [h & 0xff, h >> 8]));

describe('floatsFromDtype', () => {
  it('reads float16: one, a third, the smallest, the largest, and what is no number', () => {
    const bytes = bytesOf(0x3c00, 0x3555, 0x0001, 0x8001, 0x7bff, 0x0400, 0x8000, 0xfc00, 0x7e00);
    const values = [...floatsFromDtype(bytes, 'F16')];
    expect(values.slice(0, 7)).to.deep.equal([1, 0.333251953125, 2 ** -24, -(2 ** -24), 65504, 2 ** -14, -0]);
    expect(values[7]).to.equal(-Infinity);
    expect(values[8]).to.be.NaN;
  });

  it('reads bfloat16, the upper half of a float32', () => {
    expect([...floatsFromDtype(bytesOf(0x3f80, 0xc049, 0x0001, 0x7f80), 'BF16')]).to.deep.equal([
      1,
      -3.140625,
      Math.fround(2 ** -133),
      Infinity,
    ]);
  });

  it('rounds float64, wherever the bytes begin', () => {
    const bytes = Buffer.concat([Buffer.alloc(1), Buffer.from(Float64Array.of(0.1, -2).buffer)]);
    expect([...floatsFromDtype(bytes.subarray(1), 'F64')]).to.deep.equal([Math.fround(0.1), -2]);
  });

  it('knows what holds no real numbers', () => {
    expect((['F16', 'I64', 'BOOL'] as const).map(isFloatDtype)).to.deep.equal([true, false, false]);
  });
});
