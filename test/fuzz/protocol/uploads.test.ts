import { expect } from 'chai';
import { Dice } from '../dice.js';
import { FUZZ_SEED, fuzzCount, sayProgress } from '../fuzz-size.js';
import { liveHeapBytes } from '../live-heap.js';
import { BesiegedStudy, CHANGE_PER_ROUND, type BesiegedSite } from './besieged-study.js';
import { RawClient } from './raw-client.js';
import { UploadSiege } from './upload-siege.js';

const COUNT = fuzzCount('FEDOXNET_FUZZ_UPLOADS', 500);
const ROUNDS = Math.max(2, Math.ceil(COUNT / 1000));
const MAX_GROWTH_BYTES = 4e6;

describe('hostile uploads to rounds that collect', function () {
  this.timeout(0);
  let study: BesiegedStudy;
  let client: RawClient;

  before(async () => {
    study = await BesiegedStudy.start(ROUNDS);
    client = new RawClient(study.url, 8);
  });
  after(async () => {
    client.close();
    await study.remove();
  });

  it(`${COUNT} requests, seed ${FUZZ_SEED}: what is stored is at each step what was genuine, and each release is as worked by hand`, async () => {
    const [a, b] = study.sites as [BesiegedSite, BesiegedSite];
    const sieges = [
      new UploadSiege(client, a, b, new Dice(FUZZ_SEED)),
      new UploadSiege(client, b, a, new Dice(FUZZ_SEED + 1)),
    ] as const;
    const sent = (): number => sieges[0].requests + sieges[1].requests;
    const held: number[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      await study.inRound(round);
      for (const siege of sieges) siege.begin();
      const until = (share: number): number => ((round - 1 + share) * COUNT) / ROUNDS;
      const besiege = async (siege: UploadSiege, share: number): Promise<void> => {
        while (sent() < until(share)) await siege.move();
      };
      await Promise.all(sieges.map((siege) => besiege(siege, 0.7)));
      // One is counted, and must stay as it is; the other keeps the round open.
      const [first, second] = round % 2 === 0 ? sieges : ([sieges[1], sieges[0]] as const);
      await first.finish();
      await Promise.all(sieges.map((siege) => besiege(siege, 1)));
      await second.finish();
      const { history } = await study.until(
        ({ history: all, state }) => all[round - 1]?.state === 'published' || state === 'paused',
      );
      expect(sieges.flatMap(({ faults }) => faults)).to.deep.equal([]);
      expect(history[round - 1]?.sites.map(({ state }) => state)).to.deep.equal(['counted', 'counted']);
      expect(await study.numbersIn(round)).to.deep.equal([round * CHANGE_PER_ROUND]);
      if (round === Math.ceil(ROUNDS / 2) || round === ROUNDS) held.push(await liveHeapBytes());
      sayProgress('rounds', round, ROUNDS, 5);
    }
    const growth = (held[1] ?? 0) - (held[0] ?? 0);
    if (COUNT >= 10_000) {
      const seen = sieges.map((siege) => Object.fromEntries([...siege.seen].sort()));
      process.stderr.write(`${growth} bytes more are held after the second half; ${JSON.stringify(seen)}\n`);
    }
    expect(growth, 'bytes that the second half of the rounds left behind').to.be.below(MAX_GROWTH_BYTES);
  });
});
