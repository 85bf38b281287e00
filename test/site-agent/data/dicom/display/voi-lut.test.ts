import { expect } from 'chai';
import { exactWindow, linearWindow, sigmoidWindow } from '@fedoxnet/site-agent/data/dicom/display/voi-lut';

describe('windows', () => {
  it('LINEAR: the note of PS3.3 C.11.2.1.2, c = 2048, w = 4096 covers 0 … 4095', () => {
    const voi = linearWindow(2048, 4096);
    expect(voi(0)).to.equal(0);
    expect(voi(4095)).to.equal(1);
    expect(voi(-1)).to.equal(0);
    expect(voi(2047.5)).to.equal(0.5);
  });

  it('LINEAR of width 1 is a threshold at c − 0.5', () => {
    const voi = linearWindow(10, 1);
    expect([voi(9), voi(9.5), voi(10)]).to.deep.equal([0, 0, 1]);
  });

  it('LINEAR_EXACT: 0 at c − w/2, 1 at c + w/2', () => {
    const voi = exactWindow(100, 40);
    expect([80, 90, 100, 120, 130].map(voi)).to.deep.equal([0, 0.25, 0.5, 1, 1]);
  });

  it('SIGMOID: half at the centre, 1 / (1 + e^−2) half a width above', () => {
    const voi = sigmoidWindow(100, 40);
    expect(voi(100)).to.equal(0.5);
    expect(voi(120)).to.be.closeTo(0.880797, 1e-6);
  });
});
