import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { readLargeCatalogue } from '@fedoxnet/site-agent/console/films/large-catalogue';
import type { Catalogue, FilmRecord } from '@fedoxnet/site-agent/data/film';
import { rejection } from '../../support/rejection.js';
import { scratchFolder } from '../agent/support/scratch.js';
import { filmRecord } from '../data/support/film-record.js';

const AT_ONCE = 0; // bytes: a thread for every catalogue

describe('a large catalogue', () => {
  const folder = scratchFolder();
  const film = (number: number): FilmRecord =>
    filmRecord(`film-${number}`, {
      readings: { Mass: { supervision: 'box' } },
      boxes: number % 2 === 0 ? [] : [{ class: 'Mass', x: 1.5, y: 2, width: 3, height: 4 }],
    });
  const write = async (films: readonly FilmRecord[]): Promise<Catalogue> => {
    const content: Catalogue = { version: 1, source: 'Müller’s films', classes: ['Mass'], films: [...films] };
    await mkdir(folder(), { recursive: true });
    await writeFile(join(folder(), 'catalogue.json'), JSON.stringify(content));
    return content;
  };

  it('comes from its thread as it lies there, in order, beyond one piece', async () => {
    const content = await write(Array.from({ length: 2500 }, (_, number) => film(number)));
    expect(await readLargeCatalogue(folder(), AT_ONCE)).to.deep.equal(content);
  });

  it('is refused as a small one is', async () => {
    await write([film(1), film(1)]);
    const byThread = await rejection(readLargeCatalogue(folder(), AT_ONCE));
    const here = await rejection(readLargeCatalogue(folder(), Infinity));
    expect(byThread.code).to.equal('DATA_INVALID');
    expect(byThread.message).to.equal(here.message).and.include('id of an earlier film');
    expect((await rejection(readLargeCatalogue(join(folder(), 'nowhere'), AT_ONCE))).code).to.equal(
      'DATA_MISSING',
    );
  });
});
