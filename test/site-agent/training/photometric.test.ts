import * as photometric from '@fedoxnet/site-agent/training/photometric';
import { Random } from '@fedoxnet/site-agent/random';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('photometric operations', () => {
  it('autocontrast stretches to the full range', () => {
    expect([...photometric.autoContrast(bytes(50, 100, 150))]).to.deep.equal([0, 128, 255]);
    expect([...photometric.autoContrast(bytes(7, 7))]).to.deep.equal([7, 7]);
  });

  it('autocontrast ignores a single hot pixel among many', () => {
    const film = new Uint8Array(1000).map((_, i) => (i < 500 ? 50 : 100));
    film[0] = 255;
    const stretched = photometric.autoContrast(film);
    expect([stretched[1], stretched[999], stretched[0]]).to.deep.equal([0, 255, 255]);
  });

  it('equalize gives each value its rank', () => {
    expect([...photometric.equalize(bytes(10, 20, 20, 200))]).to.deep.equal([0, 170, 170, 255]);
  });

  it('solarize inverts from 128 on', () => {
    expect([...photometric.solarize(bytes(127, 128, 255))]).to.deep.equal([127, 127, 0]);
  });

  it('posterize keeps three bits', () => {
    expect([...photometric.posterize(bytes(31, 32, 255))]).to.deep.equal([0, 32, 224]);
  });

  it('contrast scales about the mean, brightness about black, both clipped', () => {
    expect([...photometric.contrast(bytes(50, 150), 2)]).to.deep.equal([0, 200]);
    expect([...photometric.brightness(bytes(50, 150), 2)]).to.deep.equal([100, 255]);
  });

  it('gamma keeps black and white', () => {
    expect([...photometric.gamma(bytes(0, 64, 255), 0.5)]).to.deep.equal([0, 128, 255]);
  });

  it('sharpness moves a pixel away from its blurred value', () => {
    const film = bytes(0, 0, 0, 0, 130, 0, 0, 0, 0);
    // blurred = 5 · 130 / 13 = 50; 50 + 80 · 0.5 = 90
    expect(photometric.sharpness(film, 0.5, 3)[4]).to.equal(90);
    expect(photometric.sharpness(film, 1.9, 3)[4]).to.equal(202);
  });

  it('cutout paints one black square of at most 98/512 of the side', () => {
    const random = new Random('cutout');
    for (let i = 0; i < 50; i++) {
      const film = new Uint8Array(64 * 64).fill(9);
      photometric.cutout(film, random, 64);
      const black = film.filter((v) => v === 0).length;
      expect(black).to.be.within(1, 144);
    }
  });

  it('of the paper are nine, always of the same strength', () => {
    const { paper } = photometric.PHOTOMETRIC_OPERATIONS;
    const shown = paper.map((operation) => [...operation(bytes(50, 100, 150), new Random('unused'), 1)]);
    expect(shown).to.deep.equal([
      [50, 100, 150],
      [0, 128, 255], // autocontrast without tails
      [0, 128, 255], // equalized
      [50, 100, 105], // solarized
      [32, 96, 128], // three bits
      [5, 100, 195], // contrast 1.9 about the mean 100
      [95, 190, 255], // brightness 1.9
      [50, 100, 150], // sharpness: all of it is border
      [50, 100, 150], // colour
    ]);
  });

  it('leave their argument alone', () => {
    const random = new Random('arguments');
    const film = Uint8Array.from({ length: 64 }, () => random.below(256));
    const copy = film.slice();
    const { varied, paper } = photometric.PHOTOMETRIC_OPERATIONS;
    for (const operation of [...varied, ...paper]) operation(film, random, 8);
    expect(film).to.deep.equal(copy);
  });
});
