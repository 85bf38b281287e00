import { expect } from 'chai';
import { stretchGrey } from '@fedoxnet/site-agent/data/stretch-grey';

describe('stretchGrey', () => {
  it('takes the darkest value to 0 and the brightest to 255, on black beside the film', () => {
    const place = { left: 1, top: 0, width: 2, height: 3 };
    const grey = Uint8Array.of(10, 20, 30, 40, 50, 60); // 10 … 60: 5.1 per value
    expect([...stretchGrey(grey, place, 4)]).to.deep.equal([
      ...[0, 0, 51, 0],
      ...[0, 102, 153, 0],
      ...[0, 204, 255, 0],
      ...[0, 0, 0, 0],
    ]);
  });

  it('keeps the steps of sixteen bits that eight bits would lose', () => {
    const row = { left: 0, top: 0, width: 4, height: 1 };
    const grey = Uint16Array.of(40_000, 40_001, 40_002, 40_003);
    expect([...stretchGrey(grey, row, 4).subarray(0, 4)]).to.deep.equal([0, 85, 170, 255]);
    expect(stretchGrey(Uint16Array.of(0, 65_535, 32_768, 1), row, 4).subarray(0, 4)).to.deep.equal(
      Uint8Array.of(0, 255, 128, 0),
    );
  });

  it('makes a film of one value black', () => {
    const whole = { left: 0, top: 0, width: 2, height: 2 };
    expect([...stretchGrey(Uint8Array.of(9, 9, 9, 9), whole, 2)]).to.deep.equal([0, 0, 0, 0]);
  });
});
