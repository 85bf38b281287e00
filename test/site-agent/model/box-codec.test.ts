import { expect } from 'chai';
import { decodeBoxes, encodeBoxes } from '@fedoxnet/site-agent/model/box-codec';

describe('box codec', () => {
  it('codes a box by hand: centre shift over anchor size over 0.1, log growth over 0.2', () => {
    const anchor = Float32Array.of(10, 20, 30, 60); // 20 × 40 about (20, 40)
    const box = Float32Array.of(12, 24, 52, 64); // 40 × 40 about (32, 44)
    const [tx, ty, tw, th] = encodeBoxes(anchor, box);
    expect(tx).to.be.closeTo(12 / 20 / 0.1, 1e-5);
    expect(ty).to.be.closeTo(4 / 40 / 0.1, 1e-5);
    expect(tw).to.be.closeTo(Math.log(2) / 0.2, 1e-5);
    expect(th).to.be.closeTo(0, 1e-6);
  });

  it('decodes what it encoded', () => {
    const anchors = Float32Array.of(0, 0, 16, 32, 40, 40, 90, 60, 100, 100, 120, 128);
    const boxes = Float32Array.of(3, 5, 14, 41, 38, 30, 99, 70, 90, 96, 127, 128);
    const decoded = decodeBoxes(anchors, encodeBoxes(anchors, boxes), 128);
    for (const [i, value] of decoded.entries()) expect(value).to.be.closeTo(boxes[i]!, 1e-3);
  });

  it('counts a side below one pixel as one', () => {
    const codes = encodeBoxes(Float32Array.of(0, 0, 16, 16), Float32Array.of(8, 8, 8.5, 8.25));
    expect(codes[2]).to.be.closeTo(Math.log(1 / 16) / 0.2, 1e-4);
    expect(codes[3]).to.be.closeTo(Math.log(1 / 16) / 0.2, 1e-4);
  });

  it('clips to the film, however large the growth', () => {
    const decoded = decodeBoxes(Float32Array.of(0, 0, 16, 16), Float32Array.of(0, 0, 1e6, 1e6), 128);
    expect([...decoded]).to.deep.equal([0, 0, 128, 128]);
  });
});
