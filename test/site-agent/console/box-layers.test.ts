import { expect } from 'chai';
import type { FilmReply, SeenReply } from '@fedoxnet/site-agent/console/messages';
import {
  boxLabel,
  freePlace,
  LAYERS,
  shownBoxes,
  type BoxChoice,
} from '@fedoxnet/site-agent/console/view/box-layers';

const place = { x: 0, y: 0, width: 10, height: 10 };
const film: FilmReply = {
  ...{ id: 'f', width: 100, height: 100, split: 'train', view: 'PA', sex: 'F', ageBand: '40-59', day: 0 },
  boxes: [{ class: 'Mass', ...place }],
  readings: { Mass: { supervision: 'box' } },
};
const seen: SeenReply = {
  model: {
    who: 'release 3',
    boxes: [
      { class: 'Mass', score: 0.9, ...place },
      { class: 'Effusion', score: 0.3, ...place },
      { class: 'Effusion', score: 0.29, ...place },
    ],
  },
  teacher: { boxes: null, why: 'There is none.' },
};
const all: BoxChoice = { layers: new Set(LAYERS), minScore: 0.3, hiddenClasses: new Set() };
const words = (choice: Partial<BoxChoice>) => shownBoxes(film, seen, { ...all, ...choice }).map(boxLabel);

describe('boxes over a film', () => {
  it('are the true ones, then those at or above the score', () => {
    expect(words({})).to.deep.equal(['Mass', 'Mass 0.90', 'Effusion 0.30']);
  });

  it('leave with their layer or their class', () => {
    expect(words({ layers: new Set(['model']) })).to.deep.equal(['Mass 0.90', 'Effusion 0.30']);
    expect(words({ hiddenClasses: new Set(['Mass']) })).to.deep.equal(['Effusion 0.30']);
    expect(words({ minScore: 0.95 })).to.deep.equal(['Mass']);
  });

  it('give way with their names: the second of two in one place stands below the first', () => {
    const wanted = { x: 0, y: 50, width: 40, height: 18 };
    expect(freePlace(wanted, [])).to.deep.equal(wanted);
    expect(freePlace(wanted, [wanted]).y).to.equal(70);
    expect(freePlace(wanted, [wanted, { ...wanted, y: 70 }]).y).to.equal(30);
  });
});
