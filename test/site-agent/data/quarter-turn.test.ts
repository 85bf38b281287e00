import { expect } from 'chai';
import { fitIntoSquare, toFilm } from '@fedoxnet/site-agent/data/letterbox';
import { turnBack, turnSquare } from '@fedoxnet/site-agent/data/quarter-turn';

describe('a film that is turned for the model', () => {
  // 1 2 3      7 4 1      9 8 7      3 6 9
  // 4 5 6  →   8 5 2  →   6 5 4  →   2 5 8
  // 7 8 9      9 6 3      3 2 1      1 4 7
  const before = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9]);

  it('is turned clockwise, pixel by pixel', () => {
    const turned = ([0, 1, 2, 3] as const).map((turns) => [...turnSquare(before, 3, turns)].join(''));
    expect(turned).to.deep.equal(['123456789', '741852963', '987654321', '369258147']);
  });

  it('gets its boxes back where they were', () => {
    // The pixel 3 lies at column 2, row 0; after one turn at column 2, row 2; two: 0, 2; three: 0, 0.
    const three = [2, 0, 3, 1];
    expect(turnBack([2, 0, 3, 1], 3, 0)).to.deep.equal(three);
    expect(turnBack([2, 2, 3, 3], 3, 1)).to.deep.equal(three);
    expect(turnBack([0, 2, 1, 3], 3, 2)).to.deep.equal(three);
    expect(turnBack([0, 0, 1, 1], 3, 3)).to.deep.equal(three);
  });

  it('gets them back through turn and letterbox into its own pixels', () => {
    // A film of 400 × 200 lying on its side, in a square of 100: columns 0 … 100, rows 25 … 75, a quarter of its size.
    // A box at x 40, y 20, 80 wide, 60 high is at (10, 30, 30, 45) there; turned once clockwise at (100 − 45, 10, 100 − 30, 30).
    const letterbox = fitIntoSquare(400, 200, 100);
    const box = toFilm(turnBack([55, 10, 70, 30], 100, 1), letterbox, 400, 200);
    expect(box).to.deep.equal({ x: 40, y: 20, width: 80, height: 60 });
  });
});
