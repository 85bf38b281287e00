import { IGNORED, matchAnchors, NEGATIVE } from '@fedoxnet/site-agent/losses/anchor-matching';
import { expect } from 'chai';
import { describe, it } from 'mocha';

/** A 10-pixel-wide strip that starts at `x`: against [0, 10] its IoU is (10 − x) / (10 + x). */
const strip = (x: number) => [x, 0, x + 10, 10];
const match = (anchors: number[][], boxes: number[][], forceMatch = true) =>
  matchAnchors(Float32Array.from(anchors.flat()), Float32Array.from(boxes.flat()), { forceMatch });

describe('anchor matching', () => {
  it('calls IoU 0.5 positive and just below it ignored', () => {
    // (10 − 10/3) / (10 + 10/3) = 0.5
    const { box, positives } = match([strip(0), strip(3.33), strip(3.34)], [strip(0)]);
    expect([...box]).to.deep.equal([0, 0, IGNORED]);
    expect(positives).to.equal(2);
  });

  it('calls IoU 0.4 ignored and just below it negative', () => {
    // (10 − 30/7) / (10 + 30/7) = 0.4
    expect([...match([strip(0), strip(4.28), strip(4.29)], [strip(0)]).box]).to.deep.equal([
      0,
      IGNORED,
      NEGATIVE,
    ]);
  });

  it('gives an anchor the box it overlaps most', () => {
    const boxes = [strip(-2), strip(2), strip(3)];
    expect([...match([strip(1)], boxes).box]).to.deep.equal([1]);
  });

  it('gives a box without an anchor its best one, and only when asked to', () => {
    const anchors = [strip(20), strip(6), strip(8)];
    expect([...match(anchors, [strip(0)]).box]).to.deep.equal([NEGATIVE, 0, NEGATIVE]);
    expect(match(anchors, [strip(0)], false).positives).to.equal(0);
  });

  it('lets the box with the larger IoU choose first, and the other take the next best', () => {
    expect([...match([strip(0)], [strip(6), strip(7)]).box]).to.deep.equal([0]);
    expect([...match([strip(0)], [strip(7), strip(6)]).box]).to.deep.equal([1]);
    expect([...match([strip(0), strip(15)], [strip(7), strip(6)]).box]).to.deep.equal([1, 0]);
  });

  it('never takes an anchor from a box that matched it by IoU', () => {
    expect([...match([strip(0), strip(6)], [strip(0), strip(0)]).box]).to.deep.equal([0, 1]);
  });

  it('matches nothing to a box that no anchor touches', () => {
    expect(match([strip(0)], [strip(50)]).positives).to.equal(0);
  });

  it('calls every anchor of an empty film negative', () => {
    expect([...match([strip(0), strip(5)], []).box]).to.deep.equal([NEGATIVE, NEGATIVE]);
  });
});
