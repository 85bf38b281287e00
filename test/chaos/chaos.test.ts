import { expect } from 'chai';
import { FAILPOINTS } from '@fedoxnet/shared/failpoints/failpoints';
import { runCampaign } from './support/campaign.js';
import type { ChaosCase } from './support/cases.js';
import { expectedHits } from './support/expected-hits.js';
import { Grounds } from './support/grounds.js';
import { SITES } from './support/template.js';
import { runTrial, type Outcome } from './support/trial.js';
import { uploadsBegun } from './support/verdict.js';

const ROUNDS = 5;
const [SITE] = SITES;

/** A few of the cases of `npm run chaos`, several at once: each process dies, each disk is full, the line breaks. */
const CASES: readonly ChaosCase[] = [
  {
    fault: 'kill −9 of trainer and agent, twice, disk full at both',
    phase: 'train',
    place: 'checkpoint, journal, upload, norms of its own',
    ground: 'plain',
    program: SITE,
    faults: [
      { point: 'trainer.checkpoint.writing', action: 'disk-full' },
      { point: 'trainer.checkpoint.written', action: 'kill' },
      { point: 'agent.journal.writing', action: 'disk-full' },
      { point: 'agent.upload.chunk', action: 'kill' },
      { point: 'agent.upload.kept', action: 'kill' },
    ],
  },
  {
    fault: 'kill −9 of coordinator, three times, disk full',
    phase: 'upload',
    place: 'chunk, update counted, state of the optimiser and release sealed',
    ground: 'plain',
    program: 'coordinator',
    faults: [
      { point: 'coordinator.blob.synced', action: 'disk-full' },
      { point: 'coordinator.collect.stored', action: 'kill' },
      { point: 'coordinator.aggregate.kept', action: 'kill' },
      { point: 'coordinator.aggregate.sealed', action: 'kill' },
    ],
  },
  {
    fault: 'connection cut in mid-chunk',
    phase: 'upload',
    place: 'update, after 1 MiB',
    ground: 'plain',
    line: { cut: { what: 'update', bytes: 2 ** 20, times: 2 } },
  },
];

describe('a study that meets faults', () => {
  const grounds = new Grounds(ROUNDS);
  let undisturbed: Outcome;

  before(async () => {
    const plain = await grounds.fresh('plain');
    if (typeof plain === 'string') throw new Error(plain);
    undisturbed = await runTrial(plain, []);
  });
  after(() => grounds.end());

  it('finishes without any, and reaches every failpoint as often as there is work for it', () => {
    expect(undisturbed.state).to.equal('finished');
    expect(undisturbed.rounds).to.have.length(ROUNDS);
    const expected = expectedHits(ROUNDS);
    for (const point of FAILPOINTS) {
      const hits = undisturbed.hits.get(point) ?? 0;
      expect(hits, `${point} is reached`).to.be.at.least(1);
      expect(hits, `${point} is reached less than twice as often as expected`).to.be.lessThan(
        2 * (expected[point] ?? Infinity),
      );
    }
    expect(uploadsBegun(undisturbed)).to.equal(ROUNDS * SITES.length);
  });

  it('ends as without them: the same releases, everything counted once, no chunk sent again that arrived', async () => {
    const studies: Outcome[] = [];
    const results = await runCampaign(
      { grounds, undisturbed, onResult: () => undefined, onStudy: (outcome) => studies.push(outcome) },
      CASES,
    );
    expect(results.map(({ chaos, complaints }) => [chaos.fault, complaints])).to.have.deep.members(
      CASES.map(({ fault }) => [fault, []]),
    );
    for (const study of studies) {
      expect(uploadsBegun(study), 'no upload was begun anew').to.equal(ROUNDS * SITES.length);
    }
  });
});
