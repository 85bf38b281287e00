import { expect } from 'chai';
import { AttenuationPlane, chord, edge } from '@fedoxnet/site-agent/phantoms/attenuation-plane';

describe('AttenuationPlane', () => {
  it('boxes exactly the pixels that a shape covers by half or more', () => {
    const film = new AttenuationPlane(10);
    // Pixel centres at .05, .15, …: x in [.2, .5) covers columns 2, 3, 4; y in [.6, .8) rows 6, 7.
    const box = film.addShape({ x1: 0, y1: 0, x2: 1, y2: 1 }, 2, (x, y) =>
      x >= 0.2 && x < 0.5 && y >= 0.6 && y < 0.8 ? 1 : 0.4,
    );
    expect(box?.x1).to.be.closeTo(0.2, 1e-12);
    expect(box?.x2).to.be.closeTo(0.5, 1e-12);
    expect(box?.y1).to.be.closeTo(0.6, 1e-12);
    expect(box?.y2).to.be.closeTo(0.8, 1e-12);
    expect(film.values[6 * 10 + 2]).to.equal(2);
    expect(film.values[0]).to.be.closeTo(0.8, 1e-6); // below half: drawn, but not boxed
  });

  it('says null for a shape that nowhere covers half a pixel', () => {
    expect(new AttenuationPlane(8).addShape({ x1: 0, y1: 0, x2: 1, y2: 1 }, 1, () => 0.49)).to.equal(null);
  });

  it('adds shapes up and ignores what lies outside the film', () => {
    const film = new AttenuationPlane(4);
    film.add({ x1: -5, y1: -5, x2: 5, y2: 5 }, () => 1);
    film.add({ x1: 0.5, y1: 0, x2: 2, y2: 0.25 }, () => 0.5);
    expect([...film.values.subarray(0, 4)]).to.deep.equal([1, 1, 1.5, 1.5]);
    expect([...film.values.subarray(4, 8)]).to.deep.equal([1, 1, 1, 1]);
  });

  it('draws a level band as thick as its radius says', () => {
    const film = new AttenuationPlane(100);
    film.addBand(
      0,
      1,
      () => 0.5,
      () => 0.1,
      () => 1,
    );
    const column = Array.from({ length: 100 }, (_, row) => film.values[row * 100 + 50]);
    expect(column.filter((value) => value === 1)).to.have.lengthOf(20); // rows 40 … 59
    expect(column[40]).to.equal(1);
    expect(column[39]).to.equal(0);
  });
});

describe('edge and chord', () => {
  it('rises smoothly from 0 to 1 across its softness', () => {
    expect([-1, -0.5, 0, 0.5, 1].map((distance) => edge(distance, 1))).to.deep.equal([0, 0, 0.5, 1, 1]);
    expect(edge(-0.25, 1)).to.be.closeTo(0.15625, 1e-12); // t = 1/4: 3/16 − 2/64
  });

  it('is the length of a beam through a unit circle', () => {
    expect(chord(0)).to.equal(1);
    expect(chord(0.6)).to.be.closeTo(0.8, 1e-12);
    expect(chord(1.2)).to.equal(0);
  });
});
