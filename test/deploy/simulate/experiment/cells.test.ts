import { cellsOf, type Cell } from '#simulate/experiment/cells';
import { parseExperiment } from '#simulate/experiment/read-experiment';
import { cellKey } from '#simulate/rounds/run-cell';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'mocha';

const FILE = `
name: trial
plan: { classes: [Mass, Effusion], rounds: 2 }
sites:
  - { name: a, films: { train: 4, heldOut: 2 }, supervision: { Mass: box } }
  - { name: b, films: { train: 4, heldOut: 2 }, supervision: image }
  - { name: clinic, count: 2, films: { train: 2, heldOut: 0 }, supervision: box }
  - { name: judge, films: { train: 0, heldOut: 5 }, supervision: none }
seeds: [1, 2]
runs:
  - { name: this, how: federated }
  - { name: boxes, how: federated, sites: boxed, plan: { training: { losses: { image: 0 } } } }
  - { name: pooled, how: pooled, sites: [a, b] }
  - { name: alone, how: alone, sites: [a, clinic] }
`;
const cells = (text: string, folder = '.') =>
  cellsOf({ experiment: parseExperiment(text, 'trial.yaml'), folder });
const sitesOf = ({ sites }: { sites: readonly { name: string }[] }) => sites.map(({ name }) => name);

describe('trainings of an experiment', () => {
  it('come seed by seed, each run with its hospitals and its plan', async () => {
    const all = await cells(FILE);
    expect(all.map(({ name }) => name)).to.deep.equal(
      [1, 2].flatMap((seed) =>
        ['this', 'boxes', 'pooled', 'alone-a', 'alone-clinic-1', 'alone-clinic-2'].map(
          (name) => `${name}-seed-${seed}`,
        ),
      ),
    );
    const [federated, boxes, pooled, alone] = all;
    expect(sitesOf(federated!)).to.deep.equal(['a', 'b', 'clinic-1', 'clinic-2']); // a judge trains nothing
    expect(sitesOf(boxes!)).to.deep.equal(['a', 'clinic-1', 'clinic-2']);
    expect(boxes!.plan.training.losses).to.deep.include({ image: 0, focal: 1 });
    expect(sitesOf(pooled!)).to.deep.equal(['pooled']);
    expect(pooled!.sites[0]!.films).to.have.property('parts').with.length(2);
    expect(alone!.plan).to.deep.include({ sites: ['a'], quorum: 1 });
    expect(all.map(({ plan }) => plan.model.seed)).to.deep.equal([1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2]);
    expect(sitesOf({ sites: federated!.yardstick })).to.include('judge');
    expect(federated!.every).to.equal(2); // the last round alone
  });

  it('come once for each value of a sweep', async () => {
    const swept = await cells(`${FILE}sweep: { of: sizes, values: [1, 4] }\n`);
    expect(swept).to.have.length(24);
    const films = swept
      .filter(({ run, seed }) => run.name === 'boxes' && seed === 1)
      .map(({ name, sites }) => [
        name,
        sites.map(({ films }) => films.kind === 'phantoms' && films.site.train),
      ]);
    // 12 films in all, of a, b and both clinics. At ratio 4 shares fall by 4^(1/3) each: 12 · (1, .63, .40, .25) / 2.28.
    expect(films).to.deep.equal([
      ['boxes-sizes-1-seed-1', [3, 3, 3]],
      ['boxes-sizes-4-seed-1', [5, 2, 1]],
    ]);
  });

  it('take stored films as they are', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cells-'));
    try {
      const film = { id: 'f', file: 'f.png', width: 8, height: 8, patient: 'p', split: 'train' as const };
      const box = { class: 'Mass', x: 1, y: 1, width: 2, height: 2 };
      const write = (x: number): Promise<void> =>
        writeCatalogue(join(folder, 'real'), {
          version: 1,
          source: 'by hand',
          classes: ['Mass'],
          films: [{ ...film, boxes: [{ ...box, x }], readings: { Mass: { supervision: 'box' } } }],
        });
      await write(1);
      const text = FILE.replace('films: { train: 4, heldOut: 2 }, supervision: { Mass: box }', 'data: real');
      const boxes = async (): Promise<Cell> =>
        (await cells(text, folder)).find(({ name }) => name === 'boxes-seed-1')!;
      const before = await boxes();
      expect(sitesOf(before)).to.have.members(['a', 'clinic-1', 'clinic-2']);
      const { films } = before.sites.find(({ name }) => name === 'a')!;
      expect(films).to.include({ kind: 'folder', path: join(folder, 'real') });
      // What is kept of a training is its own only as long as the films say the same.
      expect(cellKey(await boxes())).to.equal(cellKey(before));
      await write(2);
      expect(cellKey(await boxes())).to.not.equal(cellKey(before));
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it('of one learner leave out the robust rule of the others', async () => {
    const text = FILE.replace(
      'rounds: 2',
      'rounds: 2, aggregation: { robust: { rule: median, hostile: 1 } }',
    );
    const all = await cells(text);
    const ruleOf = (run: string) =>
      new Set(all.filter((cell) => cell.run.name === run).map(({ plan }) => plan.aggregation.robust?.rule));
    expect([...ruleOf('this')]).to.deep.equal(['median']);
    for (const run of ['pooled', 'alone']) expect([...ruleOf(run)], run).to.deep.equal([undefined]);
  });

  it('are refused by run and field', async () => {
    const refusals: [string, string, RegExp][] = [
      ['classes: [Mass, Effusion]', 'classes: [Mass, Scoliosis]', /phantoms show .*; not Scoliosis/],
      ['{ Mass: box }', '{ Nodule: box }', /supervision names Nodule/],
      ['image: 0', 'image: -1', /Run boxes: .*training\.losses\.image/],
      ['sites: boxed', 'sites: [judge]', /Run boxes: sites: none of them has films/],
    ];
    for (const [from, to, message] of refusals) {
      const error: unknown = await cells(FILE.replace(from, to)).catch((caught: unknown) => caught);
      expect(error).to.be.instanceOf(FederationError).with.property('code', 'PLAN_INVALID');
      expect((error as Error).message).to.match(message);
    }
  });
});
