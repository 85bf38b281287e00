import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { rejection } from '../../support/rejection.js';

describe('generatePhantoms', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-phantoms-'));
  });
  after(() => rm(folder, { recursive: true }));

  const options = {
    films: 20,
    seed: 7,
    size: 64,
    supervision: { Mass: 'box', Effusion: 'image' },
    scanner: 'film',
    valFraction: 0.25,
  } as const;

  it('writes what each reader would have written: boxes, presence, nothing', async () => {
    await generatePhantoms({ ...options, out: folder });
    const { films, classes } = await readCatalogue(folder);
    const train = films.filter((film) => film.split === 'train');
    const val = films.filter((film) => film.split === 'val');
    expect([train.length, val.length]).to.deep.equal([15, 5]);
    for (const film of train) {
      expect(film.readings['Mass']).to.deep.equal({ supervision: 'box' });
      expect(film.readings['Effusion']?.supervision).to.equal('image');
      expect(Object.keys(film.readings)).to.have.lengthOf(2);
      expect(film.boxes.every((box) => box.class === 'Mass')).to.equal(true);
    }
    expect(train.some((film) => film.boxes.length > 0)).to.equal(true);
    for (const film of val)
      for (const name of classes) expect(film.readings[name]).to.deep.equal({ supervision: 'box' });
  });

  it('writes the same bytes again for the same seed', async () => {
    const digest = async () =>
      createHash('sha256')
        .update(await readFile(join(folder, 'films', 'phantom-00003.png')))
        .update(await readFile(join(folder, 'catalogue.json')))
        .digest('hex');
    const first = await digest();
    await generatePhantoms({ ...options, out: folder });
    expect(await digest()).to.equal(first);
  });

  it('refuses a class that no phantom can show', async () => {
    const error = await rejection(
      generatePhantoms({ ...options, out: folder, supervision: { Fracture: 'box' } }),
    );
    expect(error.code).to.equal('USAGE');
    expect(error.message).to.contain('"Fracture"');
  });
});
