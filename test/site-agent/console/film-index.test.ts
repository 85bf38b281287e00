import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { FilmIndex } from '@fedoxnet/site-agent/console/films/film-index';
import type { BoxesOfFilms } from '@fedoxnet/site-agent/console/films/seen-boxes';
import type { FilmFilter } from '@fedoxnet/site-agent/console/messages';
import type { Catalogue } from '@fedoxnet/site-agent/data/film';
import { filmRecord } from '../data/support/film-record.js';

const place = { x: 1, y: 1, width: 5, height: 5 };
const catalogue: Catalogue = {
  version: 1,
  source: 'a test',
  classes: ['Mass', 'Effusion'],
  films: [
    filmRecord('boxed', { boxes: [{ class: 'Mass', ...place }], readings: { Mass: { supervision: 'box' } } }),
    filmRecord('clear', { readings: { Mass: { supervision: 'box' } } }),
    filmRecord('told', { readings: { Effusion: { supervision: 'image', present: 1 } } }),
    filmRecord('silent'),
    filmRecord('held', { split: 'val', readings: { Mass: { supervision: 'image', present: 0 } } }),
  ],
};
/** The model was asked about two films. */
const seen: BoxesOfFilms = {
  of: ({ id }) =>
    ({
      boxed: [
        { class: 'Mass', score: 0.8, ...place },
        { class: 'Effusion', score: 0.4, ...place },
      ],
      silent: [],
    })[id] ?? null,
};

describe('films as the console lists them', () => {
  let data: string;
  let index: FilmIndex;
  before(async () => {
    data = await mkdtemp(join(tmpdir(), 'fedoxnet-index-'));
    await writeFile(join(data, 'catalogue.json'), JSON.stringify(catalogue));
    index = new FilmIndex(data);
  });
  after(() => rm(data, { recursive: true, force: true }));

  const ids = async (filter: FilmFilter) => (await index.list(filter, seen)).films.map(({ id }) => id);

  it('are filtered by what is known of them: unknown is neither present nor absent', async () => {
    expect(await ids({})).to.have.length(5);
    expect(await ids({ supervision: 'box' })).to.deep.equal(['boxed', 'clear']);
    expect(await ids({ supervision: 'none', class: 'Effusion' })).to.deep.equal([
      ...['boxed', 'clear', 'silent', 'held'],
    ]);
    expect(await ids({ finding: 'present' })).to.deep.equal(['boxed', 'told']);
    expect(await ids({ finding: 'absent', class: 'Mass' })).to.deep.equal(['clear', 'held']);
    expect(await ids({ split: 'val' })).to.deep.equal(['held']);
    expect(await ids({ text: 'LE' })).to.deep.equal(['clear', 'silent']);
  });

  it('are filtered by the model’s score of a class or of any, where it was asked', async () => {
    expect(await ids({ minScore: 0.5 })).to.deep.equal(['boxed']);
    expect(await ids({ minScore: 0.5, class: 'Effusion' })).to.deep.equal([]);
    expect(await ids({ minScore: 0 })).to.deep.equal(['boxed', 'silent']);
    const { films: lines } = await index.list({}, seen);
    expect(lines.map(({ best }) => best)).to.deep.equal([0.8, null, null, 0, null]);
  });

  it('are read again when the catalogue has changed', async () => {
    await writeFile(
      join(data, 'catalogue.json'),
      JSON.stringify({ ...catalogue, films: [filmRecord('new')] }),
    );
    expect(await ids({})).to.deep.equal(['new']);
  });
});
