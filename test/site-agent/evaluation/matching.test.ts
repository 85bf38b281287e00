import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { HIT, MISS } from '@fedoxnet/site-agent/evaluation/match-boxes';
import { matchCounts } from '@fedoxnet/site-agent/evaluation/match-counts';
import { matchDetections } from '@fedoxnet/site-agent/evaluation/matching';
import { filmRecord } from '../data/support/film-record.js';

const film = (id: string, xs: number[], reading: FilmRecord['readings'][string] | null): FilmRecord =>
  filmRecord(id, {
    ...{ width: 100, height: 100, split: 'val' },
    boxes: xs.map((x) => ({ class: 'Mass', x, y: 0, width: 10, height: 10 })),
    readings: reading === null ? {} : { Mass: reading },
  });
const found = (id: string, x: number, score: number, name = 'Mass') => ({
  film: id,
  class: name,
  score,
  x,
  y: 0,
  width: 10,
  height: 10,
});
const BOX = { supervision: 'box' } as const;

describe('matchDetections', () => {
  it('counts only films on which every lesion of the class is boxed', () => {
    const films = [
      film('boxed', [0], BOX),
      film('free', [], BOX),
      film('labelled', [], { supervision: 'image', present: 1 }),
      film('unread', [], null),
    ];
    const detections = films.map(({ id }) => found(id, 0, 0.7));
    const [mass] = matchDetections(films, detections, ['Mass'], [0.5]);
    expect(mass).to.include({ films: 2, truths: 1 });
    expect([...(mass?.scores ?? [])]).to.deep.equal([0.7, 0.7]);
    expect([...(mass?.outcomes[0] ?? [])]).to.deep.equal([HIT, MISS]);
  });

  it('keeps classes apart and ranks over all films, best first', () => {
    const films = [film('a', [0], BOX), film('b', [0], BOX)];
    const detections = [found('a', 50, 0.6), found('b', 0, 0.9), found('a', 0, 0.8, 'Nodule')];
    const [mass, nodule] = matchDetections(films, detections, ['Mass', 'Nodule'], [0.5]);
    expect([...(mass?.scores ?? [])]).to.deep.equal([0.9, 0.6]);
    expect([...(mass?.outcomes[0] ?? [])]).to.deep.equal([HIT, MISS]);
    expect(nodule).to.include({ films: 0, truths: 0 });
    expect(nodule?.scores).to.have.lengthOf(0);
  });
});

describe('matchCounts', () => {
  it('counts scores in bins of a thousandth, 1.0 in the last', () => {
    const counts = matchCounts([
      {
        class: 'Mass',
        films: 2,
        truths: 5,
        ious: [0.4],
        scores: Float64Array.of(1, 0.9994, 0.5004, 0.5, 0.05),
        places: new Uint32Array(5),
        outcomes: [Uint8Array.of(HIT, HIT, HIT, HIT, MISS)],
      },
    ]);
    const matched = [
      [500, 2],
      [999, 2],
    ];
    expect(counts).to.deep.equal([
      { class: 'Mass', films: 2, truths: 5, byIou: [{ iou: 0.4, matched, unmatched: [[50, 1]] }] },
    ]);
  });
});
