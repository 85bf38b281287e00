import { expect } from 'chai';
import type { FilmRecord } from '@fedoxnet/site-agent/data/film';
import { chooseFilms } from '@fedoxnet/site-agent/reports/choose-films';
import { filmRecord } from '../data/support/film-record.js';

const film = (id: string, ...classes: string[]): FilmRecord =>
  filmRecord(id, {
    split: 'val',
    boxes: classes.map((name) => ({ class: name, x: 0, y: 0, width: 1, height: 1 })),
  });

describe('chooseFilms', () => {
  const films = [
    film('m1', 'Mass'),
    film('m2', 'Mass'),
    film('empty'),
    film('n', 'Nodule'),
    film('both', 'Mass', 'Nodule'),
  ];
  const chosen = (count: number) => chooseFilms(films, ['Nodule', 'Mass'], count).map(({ id }) => id);

  it('lets the classes take turns, then fills up with other films', () => {
    expect(chosen(2)).to.deep.equal(['n', 'm1']);
    expect(chosen(4)).to.deep.equal(['n', 'm1', 'both', 'm2']);
    expect(chosen(9)).to.deep.equal(['n', 'm1', 'both', 'm2', 'empty']);
  });
});
