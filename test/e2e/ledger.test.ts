import { expect } from 'chai';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { refuse } from '@fedoxnet/site-agent/cli/commands/approve';
import { readDay } from '@fedoxnet/site-agent/ledger/day-record';
import { dayOf } from '@fedoxnet/site-agent/ledger/ledger-day';
import { Federation } from './support/federation.js';
import { massesOf } from './support/masses-of.js';
import { modelFile, randomModel } from './support/small-model.js';
import { smallPlan } from './support/small-plan.js';

const BEHAVIOUR = {
  delta: 0.5,
  masses: { ...massesOf(1), prototypeRows: [1, 1] },
};

describe('what left a site in a real round', () => {
  let federation: Federation;
  before(async () => (federation = await Federation.start()));
  after(() => federation.close());

  it('stands in the ledger byte for byte, the update under the digest of its receipt', async () => {
    const plan = smallPlan({ study: 'booked', rounds: 1, sites: ['north'], quorum: 1 });
    await federation.createStudy(plan, modelFile(randomModel(5000, 1)));
    await federation.enrol('north', plan);
    const day = dayOf(new Date());
    const before = (await readDay(federation.home('north'), day)).bytes; // the enrolment
    const agent = federation.startAgent('north', BEHAVIOUR);
    await federation.untilAllReady('booked');
    await federation.startStudy(plan);
    const { digest, bytes } = await agent.next('uploaded');
    await agent.next('ended');
    await agent.stop();
    const { bytesSent } = agent.of('evaluated').at(-1)!;

    const { rows, bytes: all } = await readDay(federation.home('north'), day);
    const row = (what: string) => rows.find((entry) => entry.what === what);
    const update = row('update');
    expect(update).to.deep.include({ digest, study: 'booked', round: 1, to: federation.address });
    // The signed header, the sealed chunk and its tag are more than the plaintext, and not much more.
    expect(update?.bytes).to.be.within(bytes + 16, bytes + 2000);
    expect(rows.map(({ what }) => what)).to.include.members([
      ...[
        'enrolment',
        'session proof',
        'site description',
        'approval',
        'answer',
        'evaluation report',
        'receipt',
      ],
    ]);
    const overSocket = ['site description', 'answer', 'progress'];
    const http = rows.filter(({ what }) => !overSocket.includes(what));
    const httpBytes = http.reduce((sum, entry) => sum + entry.bytes, 0);
    expect(httpBytes - before, 'bodies over HTTP').to.equal(bytesSent);
    expect(all).to.be.greaterThan(httpBytes);
  });

  it('says nothing of a plan that was refused, and computes nothing for it, whatever the policy says', async () => {
    const plan = smallPlan({ study: 'unwanted', rounds: 1, sites: ['south'], quorum: 1 });
    await federation.createStudy(plan, modelFile(randomModel(100, 1)));
    await federation.enrol('south', plan);
    await refuse(planHash(plan), { home: federation.home('south') });
    const agent = federation.startAgent('south', BEHAVIOUR);
    await agent.next('connected');
    await federation.startStudy(plan).catch(() => undefined); // no site approved it
    await agent.stop();
    expect((await federation.status('unwanted')).sites[0]?.approved).to.equal(false);
    const { rows } = await readDay(federation.home('south'), dayOf(new Date()));
    expect(rows.map(({ what }) => what)).not.to.include('approval');
  });
});
