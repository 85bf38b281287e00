import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { toTrainingFilm } from '@fedoxnet/site-agent/data/film-set';
import { readingMasks } from '@fedoxnet/site-agent/data/supervision';
import { filmRecord } from './support/film-record.js';

const film = (readings: FilmRecord['readings']): FilmRecord =>
  filmRecord('one', {
    ...{ width: 200, height: 100 },
    boxes: [
      { class: 'Mass', x: 20, y: 10, width: 40, height: 20 },
      { class: 'Nodule', x: 195, y: 0, width: 6, height: 10 },
    ],
    readings,
  });
const CLASSES = ['Nodule', 'Mass', 'Effusion', 'Edema'];

describe('readingMasks', () => {
  it('turns a reading into masks in the order of the plan, unknown never absent', () => {
    const masks = readingMasks(
      film({
        Mass: { supervision: 'box' },
        Nodule: { supervision: 'image', present: 1 },
        Effusion: { supervision: 'box' },
      }),
      CLASSES,
    );
    expect(masks.tier).to.equal('box');
    expect([...masks.boxKnown]).to.deep.equal([0, 1, 1, 0]);
    expect([...masks.labelKnown]).to.deep.equal([1, 1, 1, 0]);
    expect([...masks.label]).to.deep.equal([1, 1, 0, 0]); // Effusion: read with boxes, none there
  });

  it('takes the tier from the classes of the plan alone', () => {
    const readings = { Mass: { supervision: 'box' }, Edema: { supervision: 'image', present: 0 } } as const;
    expect(readingMasks(film(readings), ['Edema']).tier).to.equal('image');
    expect(readingMasks(film(readings), ['Nodule']).tier).to.equal('none');
  });
});

describe('toTrainingFilm', () => {
  it('keeps the boxes of boxed classes, in model pixels, clipped to the film', () => {
    const both = film({ Mass: { supervision: 'box' }, Nodule: { supervision: 'box' } });
    const { boxes, boxClasses } = toTrainingFilm(both, CLASSES, 100); // scale 1/2, 25 rows above
    expect([...boxClasses]).to.deep.equal([1, 0]);
    expect([...boxes]).to.deep.equal([10, 30, 30, 40, 97.5, 25, 100, 30]); // the nodule ended at 201
  });

  it('hides boxes of classes that were not read for exhaustively', () => {
    const { boxClasses } = toTrainingFilm(film({ Nodule: { supervision: 'box' } }), CLASSES, 100);
    expect([...boxClasses]).to.deep.equal([0]);
  });
});
