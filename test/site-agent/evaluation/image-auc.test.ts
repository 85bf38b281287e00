import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { imageAuc } from '@fedoxnet/site-agent/evaluation/image-auc';
import { filmRecord } from '../data/support/film-record.js';

const film = (id: string, readings: FilmRecord['readings'], lesions: number): FilmRecord =>
  filmRecord(id, {
    split: 'val',
    boxes: Array.from({ length: lesions }, () => ({ class: 'Mass', x: 0, y: 0, width: 10, height: 10 })),
    readings,
  });
const BOX = { supervision: 'box' } as const;
const image = (present: 0 | 1) => ({ supervision: 'image', present }) as const;

describe('imageAuc', () => {
  const films = [
    film('boxed', { Mass: BOX }, 2), // positive
    film('read and free', { Mass: BOX, Nodule: image(0) }, 0), // negative
    film('labelled', { Mass: image(1) }, 0), // positive
    film('labelled free', { Mass: image(0) }, 0), // negative
    film('unknown', {}, 0),
  ];
  const scores = [
    { global: [0.9, 0], local: [0.2, 0] },
    { global: [0.1, 0], local: [0.3, 0] },
    { global: [0.8, 0], local: [0.4, 0] },
    { global: [0.8, 0], local: [0.3, 0] },
    { global: [0.99, 0], local: [0, 0] },
  ];

  it('compares films whose label is known, by each branch', () => {
    const { perClass, mean } = imageAuc(films, scores, ['Mass', 'Nodule']);
    // Global: .9 beats both, .8 beats .1 and ties .8: 3½ of 4. Local: .4 beats both, .2 neither: 2 of 4.
    expect(perClass[0]).to.deep.equal({
      class: 'Mass',
      positives: 2,
      negatives: 2,
      global: 0.875,
      local: 0.5,
    });
    expect(mean).to.deep.equal({ global: 0.875, local: 0.5 });
  });

  it('is null for a class without both kinds of film', () => {
    const [, nodule] = imageAuc(films, scores, ['Mass', 'Nodule']).perClass;
    expect(nodule).to.deep.equal({ class: 'Nodule', positives: 0, negatives: 1, global: null, local: null });
  });
});
