import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { cocoResults, cocoTruth } from '@fedoxnet/site-agent/evaluation/coco';

const films: FilmRecord[] = ['a', 'b'].map((id) => ({
  id,
  file: `${id}.png`,
  width: 40,
  height: 30,
  patient: id,
  split: 'val',
  boxes: id === 'b' ? [{ class: 'Mass', x: 1, y: 2, width: 3, height: 4 }] : [],
  readings: {},
}));

describe('COCO files', () => {
  it('number films and classes from 1 alike in truth and results', () => {
    const truth = cocoTruth(films, ['Nodule', 'Mass']);
    expect(truth.annotations).to.deep.equal([
      { id: 1, image_id: 2, category_id: 2, bbox: [1, 2, 3, 4], area: 12, iscrowd: 0 },
    ]);
    expect(truth.images[1]).to.deep.equal({ id: 2, file_name: 'b.png', width: 40, height: 30 });
    const results = cocoResults(
      films,
      ['Nodule', 'Mass'],
      [
        { film: 'b', class: 'Mass', score: 0.5, x: 5, y: 6, width: 7, height: 8 },
        { film: 'unlisted', class: 'Mass', score: 0.5, x: 5, y: 6, width: 7, height: 8 },
      ],
    );
    expect(results).to.deep.equal([{ image_id: 2, category_id: 2, bbox: [5, 6, 7, 8], score: 0.5 }]);
  });
});
