import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runLightRounds } from '../bench/round/light/light-round.js';

/** Small beside the 37 M of a real model, and 32 times it would show: two copies per site were 256 MB. */
const PARAMS = 1_000_000;

describe('the memory of a coordinator', () => {
  it('is with 32 sites within a tenth of what it is with 2', async () => {
    const peakMb = async (sites: number): Promise<number> => {
      const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-memory-'));
      try {
        const run = { sites, params: PARAMS, rounds: 3, processes: 1, databaseUrl: undefined, folder };
        return (await runLightRounds(run, () => undefined)).coordinatorPeakRssMb;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    };
    const [few, many] = [await peakMb(2), await peakMb(32)];
    expect(many / few, `${few} and ${many} MB`).to.be.lessThan(1.1);
  });
});
