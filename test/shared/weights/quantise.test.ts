import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { floatOfHalf, halfOfFloat } from '@fedoxnet/shared/weights/half';
import { halvesOf, quantise } from '@fedoxnet/shared/weights/quantise';
import { encodedLayout, scaleCodes } from '@fedoxnet/shared/weights/update-encoding';

describe('half precision', () => {
  // From IEEE 754: value, bits.
  for (const [value, bits] of [
    [0, 0x0000],
    [-0, 0x8000],
    [1, 0x3c00],
    [-2, 0xc000],
    [65504, 0x7bff],
    [65519.99, 0x7bff],
    [65520, 0x7c00],
    [2 ** -14, 0x0400],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000], // a tie, to even
    [3 * 2 ** -25, 0x0002], // a tie, to even
    [1 + 2 ** -11, 0x3c00], // a tie, to even
    [1 + 3 * 2 ** -11, 0x3c02],
    [Infinity, 0x7c00],
  ] as const) {
    it(`writes ${value} as 0x${bits.toString(16).padStart(4, '0')}`, () => {
      expect(halfOfFloat(value)).to.equal(bits);
    });
  }

  it('writes back every number that it reads', () => {
    for (let bits = 0; bits < 0x10000; bits += 1) {
      const value = floatOfHalf(bits);
      if (!Number.isNaN(value)) expect(halfOfFloat(value)).to.equal(bits);
    }
  });

  it('refuses what it cannot hold', () => {
    for (const value of [65505, -1e9, NaN, Infinity]) {
      expect(() => halvesOf('t', Float32Array.of(value)))
        .to.throw(FederationError)
        .with.property('code', 'WEIGHTS_INVALID');
    }
  });
});

describe('eight bits', () => {
  it('counts in 127ths of the largest number of a group', () => {
    // one scale, 2.54/127 = .02: −1/.02 = −50, .011/.02 = .55 → 1, .009/.02 = .45 → 0
    const one = quantise('t', Float32Array.of(2.54, -1, 0.011, 0.009), [2, 2], 'tensor', 'nearest');
    expect([...one.codes]).to.deep.equal([127, -50, 1, 0]);
    expect(one.scales[0]).to.be.closeTo(0.02, 1e-9);
    // a scale for each column: 1/127 and 100/127
    const two = quantise('t', Float32Array.of(1, 100, -0.5, 25), [2, 2], 'channel', 'nearest');
    expect([...two.codes]).to.deep.equal([127, 127, -64, 32]);
    const back = Float32Array.from(two.codes);
    scaleCodes(back, 0, two.scales);
    [1, 100, -64 / 127, 3200 / 127].forEach((value, at) => expect(back[at]).to.be.closeTo(value, 1e-5));
  });

  it('keeps zeros, and refuses what is not finite', () => {
    expect([...quantise('t', new Float32Array(3), [3], 'channel', 'nearest').codes]).to.deep.equal([0, 0, 0]);
    expect(() => quantise('t', Float32Array.of(1, NaN), [2], 'tensor', 'nearest'))
      .to.throw(FederationError)
      .with.property('code', 'WEIGHTS_INVALID');
  });

  it('rounds at random without a bias', () => {
    // .3 of a step: up with probability .3; 20 evenly spread draws give exactly 6 ups
    let draw = 0;
    const uniform = () => (draw++ % 20) / 20;
    const values = Float32Array.from({ length: 21 }, (_, at) => (at === 0 ? 127 : 0.3));
    const { codes } = quantise('t', values, [21], 'tensor', uniform);
    expect(codes.slice(1).reduce((sum, code) => sum + code, 0)).to.equal(6);
  });

  it('scales a slice from any place of the tensor', () => {
    const slice = Float32Array.of(1, 1, 1, 1);
    scaleCodes(slice, 4, Float32Array.of(10, 20, 30)); // elements 4, 5, 6, 7 are of channels 1, 2, 0, 1
    expect([...slice]).to.deep.equal([20, 30, 10, 20]);
  });

  it('lays the scales in front of the codes', () => {
    const { places, dataBytes } = encodedLayout(
      new Map([
        ['a', [2, 3]],
        ['b', [5]],
      ]),
      {
        encoding: 'int8',
        scales: 'channel',
      },
    );
    expect([...places]).to.deep.equal([
      ['a#scale', { dtype: 'F32', begin: 0, end: 12 }],
      ['b#scale', { dtype: 'F32', begin: 12, end: 16 }],
      ['a', { dtype: 'I8', begin: 16, end: 22 }],
      ['b', { dtype: 'I8', begin: 22, end: 27 }],
    ]);
    expect(dataBytes).to.equal(27);
  });
});
