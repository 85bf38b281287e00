import { expect } from 'chai';
import { cocoResults, cocoTruth } from '@fedoxnet/site-agent/evaluation/coco';
import { filmRecord } from '../data/support/film-record.js';

const SIDES = { width: 40, height: 30 };
const films = [
  filmRecord('a', SIDES),
  filmRecord('b', { ...SIDES, boxes: [{ class: 'Mass', x: 1, y: 2, width: 3, height: 4 }] }),
];

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
