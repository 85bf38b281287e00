import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runLightRounds } from '../bench/round/light/light-round.js';

/**
 * Small beside the 37 M of a real model, and still two copies for each site would be 256 MB. All sites move data at the same
 * time: what each transfer holds is a part of what must not grow with their number.
 */
const PARAMS = 1_000_000;
/** Both runs take as many updates in all, so that heap and allocator have had as much to grow by. */
const UPDATES = 96;

describe('the memory of a coordinator', () => {
  it('is with 32 sites within a tenth of what it is with 2', async function () {
    this.timeout(600_000);
    const peakMb = async (sites: number): Promise<number> => {
      const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-memory-'));
      const size = { sites, params: PARAMS, rounds: UPDATES / sites };
      const run = { ...size, processes: 1, atOnce: sites, databaseUrl: undefined, folder };
      try {
        return (await runLightRounds(run, () => undefined)).coordinatorPeakRssMb;
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    };
    const [few, many] = [await peakMb(2), await peakMb(32)];
    expect(many / few, `${few} and ${many} MB`).to.be.lessThan(1.1);
  });
});
