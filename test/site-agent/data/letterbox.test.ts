import { expect } from 'chai';
import { fitIntoSquare, toFilm, toModel } from '@fedoxnet/site-agent/data/letterbox';

describe('letterbox', () => {
  it('fits a wide film with black above and below', () => {
    // 400 × 200 into 100: scale 1/4, 100 × 50, 25 rows above.
    expect(fitIntoSquare(400, 200, 100)).to.deep.equal({
      scaleX: 0.25,
      scaleY: 0.25,
      offsetX: 0,
      offsetY: 25,
      left: 0,
      top: 25,
      width: 100,
      height: 50,
    });
  });

  it('carries a box to the model and back', () => {
    const letterbox = fitIntoSquare(200, 400, 100);
    const box = { x: 40, y: 80, width: 20, height: 60 };
    expect(toModel(box, letterbox)).to.deep.equal([35, 20, 40, 35]); // 40/4 + 25, 80/4, …
    expect(toFilm([35, 20, 40, 35], letterbox, 200, 400)).to.deep.equal(box);
  });

  it('counts with the pixels that the fitted film has: a rounded side has its own factor', () => {
    // 1000 × 300 into 64: 64 × 19.2 → 19 rows, 22 above. The film's lower border is row 41, not 41.2.
    const letterbox = fitIntoSquare(1000, 300, 64);
    expect(letterbox).to.deep.include({ top: 22, height: 19, scaleX: 64 / 1000, scaleY: 19 / 300 });
    expect(toModel({ x: 0, y: 0, width: 1000, height: 300 }, letterbox)).to.deep.equal([0, 22, 64, 41]);
    const middle = toFilm([32, 22 + 9.5, 64, 41], letterbox, 1000, 300);
    expect(middle?.x).to.be.closeTo(500, 1e-9);
    expect(middle?.y).to.be.closeTo(150, 1e-9);
    expect(middle?.height).to.be.closeTo(150, 1e-9);
  });

  it('clips what reaches into the black and drops what lies in it', () => {
    const letterbox = fitIntoSquare(200, 400, 100); // the film covers columns 25 … 75
    expect(toFilm([0, 0, 50, 10], letterbox, 200, 400)).to.deep.equal({ x: 0, y: 0, width: 100, height: 40 });
    expect(toFilm([0, 0, 25, 10], letterbox, 200, 400)).to.equal(null);
  });
});
