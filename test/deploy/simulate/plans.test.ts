import { cellsOf } from '#simulate/experiment/cells';
import { readExperiment } from '#simulate/experiment/read-experiment';
import { expect } from 'chai';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'mocha';
import { skipBecause } from '../../support/skip-because.js';

const PLANS = fileURLToPath(new URL('../../../../deploy/simulate/plans', import.meta.url));
const cellsIn = async (name: string) => cellsOf(await readExperiment(join(PLANS, name)));

describe('experiments to run', () => {
  for (const name of readdirSync(PLANS).filter((file) => file !== 'real-films.yaml')) {
    it(`${name} is read to its trainings`, async () => {
      const cells = await cellsIn(name);
      expect(cells).to.not.be.empty;
      // Whatever a run changes, all of one experiment are judged by the same films.
      const [first] = cells;
      for (const { yardstick, seed, value } of cells) {
        if (seed === first!.seed && value === first!.value) expect(yardstick).to.deep.equal(first!.yardstick);
      }
    });
  }

  it('real-films.yaml divides films beside the checkout among the hospitals of the demo', async function () {
    const films = join(PLANS, '../../../../shared/data/manifest.csv');
    if (!existsSync(films)) skipBecause(this, `no real films at ${films}`);
    const cells = await cellsIn('real-films.yaml');
    const boxed = cells.find(({ name }) => name === 'boxes-seed-1')!;
    expect(
      boxed.sites.map(({ films: { kind, ...rest } }) => [kind, 'part' in rest && rest.part]),
    ).to.deep.equal([
      ['public', 'nih-boxes'],
      ['public', 'rsna-boxes'],
    ]);
    expect(cells.find(({ name }) => name === 'this-seed-1')!.sites).to.have.length(4);
  });
});
