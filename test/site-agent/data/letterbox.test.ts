import { expect } from 'chai';
import { fitIntoSquare, toFilm, toModel } from '@fedoxnet/site-agent/data/letterbox';

describe('letterbox', () => {
  it('fits a wide film with black above and below', () => {
    // 400 × 200 into 100: scale 1/4, 100 × 50, 25 rows above.
    expect(fitIntoSquare(400, 200, 100)).to.deep.equal({
      scale: 0.25,
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

  it('clips what reaches into the black and drops what lies in it', () => {
    const letterbox = fitIntoSquare(200, 400, 100); // the film covers columns 25 … 75
    expect(toFilm([0, 0, 50, 10], letterbox, 200, 400)).to.deep.equal({ x: 0, y: 0, width: 100, height: 40 });
    expect(toFilm([0, 0, 25, 10], letterbox, 200, 400)).to.equal(null);
  });
});
