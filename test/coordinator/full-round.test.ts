import { expect } from 'chai';
import { io } from 'socket.io-client';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { EvaluationInvitation, RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import type { FakeSite } from './fake-site.js';
import { RunningCoordinator } from './running-coordinator.js';
import { planFor, weights } from './study-of-three-tensors.js';

/** What each site found: both see one true box of class 0 at a score of .9, and nothing else. */
const REPORT: EvaluationReport = {
  films: 2,
  classes: [
    {
      class: 'Nodule',
      films: 2,
      truths: 1,
      byIou: [0.4, 0.5, 0.75].map((iou) => ({ iou, matched: [[900, 1]], unmatched: [] })),
    },
  ],
  images: [
    {
      class: 'Nodule',
      positives: 1,
      negatives: 1,
      global: { positive: [[700, 1]], negative: [[300, 1]] },
      local: { positive: [[500, 1]], negative: [[500, 1]] },
    },
  ],
};

/** What no films could give, what is not the plan's, and a count that the site says it withholds. */
const [NODULE] = REPORT.classes;
const BAD_REPORTS: unknown[] = [
  { ...REPORT, classes: [{ ...NODULE, truths: 0 }] },
  { ...REPORT, classes: [{ ...NODULE, class: 'Fracture' }] },
  { ...REPORT, images: [{ ...REPORT.images?.[0], negatives: 2 }] },
  { ...REPORT, withheld: { suppressBelow: 5, detections: [], images: [] } },
];
/** What the coordinator answered to them. */
const refusals: string[] = [];

const values = (map: WeightMap, name: string) => [...(map.get(name)?.values ?? [])];

/** Answers every invitation with an update, every call to evaluate with REPORT. */
async function takePart(site: FakeSite, delta: WeightMap, masses: UpdateMasses): Promise<void> {
  const socket = await site.connect();
  socket.on('round:invite', async (message: RoundInvitation, ack: (reply: unknown) => void) => {
    ack({ accepted: true });
    await site.download(message.study, message.release);
    await socket.emitWithAck('round:progress', {
      study: message.study,
      round: message.round,
      attempt: message.attempt,
      phase: 'train',
      step: 1,
      steps: 3,
      losses: { focal: 0.5 },
      filmsPerSecond: 7,
      bytesSent: 10,
      bytesReceived: 20,
    });
    await site.send(site.seal(message, delta, masses));
  });
  socket.on('round:evaluate', async (message: EvaluationInvitation, ack: (reply: unknown) => void) => {
    ack({ accepted: true });
    const { study, round, digest } = message;
    for (const bad of BAD_REPORTS) {
      const { status, code } = await site.report(study, round, digest, bad as EvaluationReport);
      refusals.push(`${status} ${code}`);
    }
    await site.report(study, round, digest, REPORT);
  });
}

describe('a round through the front door', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  it('averages the updates of two sites as worked by hand, scores and publishes the result', async () => {
    const [a, b] = [await running.site('site-a'), await running.site('site-b')];
    const hash = await running.study(planFor('first', ['site-a', 'site-b']));
    for (const site of [a, b]) expect((await site.approve('first', hash)).status).to.equal(200);
    const seen: StudyStatus[] = [];
    const viewer = io(`${running.url}/dashboard`, {
      auth: { token: running.coordinator.tokens.viewer },
      forceNew: true,
    });
    viewer.on('status', (status: StudyStatus) => seen.push(status));
    // A saw 30 films, 20 of them boxed for class 0; B saw 4, boxed for both.
    await takePart(a, weights([4, 0], [3, 9], [2, 2, 4, 4]), {
      films: 30,
      positives: 0,
      classRows: [20, 0],
      globalRows: [0, 0],
      prototypeRows: [1, 0],
    });
    await takePart(b, weights([0, 8], [9, 1], [6, 6, 1, 1]), {
      films: 4,
      positives: 0,
      classRows: [4, 4],
      globalRows: [0, 0],
      prototypeRows: [1, 2],
    });
    expect((await running.operate('POST', 'admin/studies/first/start')).status).to.equal(200);
    const status = await running.until('first', ({ state }) => state === 'finished');
    viewer.close();

    const released = await a.download('first', 1);
    // A's shared mass is 10 + 0.1·20 = 12, B's 4. stem: 1 + (12·4 + 4·0)/16, 2 + (12·0 + 4·8)/16
    expect(values(released, 'stem.kernel')).to.deep.equal([4, 4]);
    // class 0: 3 + (20·3 + 4·9)/24; class 1: only B speaks, 4 + 1
    expect(values(released, 'class.kernel')).to.deep.equal([7, 5]);
    // prototype 0 was empty: replaced by (2 + 6)/2; prototype 1: 1 + (1 − .5)·1
    expect(values(released, 'prototypes')).to.deep.equal([4, 4, 1.5, 1.5]);

    const [round] = status.history;
    expect(round?.state).to.equal('published');
    expect(round?.sites.map(({ state }) => state)).to.deep.equal(['counted', 'counted']);
    expect(round?.sites[0]).to.include({ step: 1, steps: 3, filmsPerSecond: 7 });
    expect(round?.sites[0]?.masses?.films).to.equal(30);
    expect(round?.sites[0]?.curve).to.deep.equal([{ step: 1, losses: { focal: 0.5 } }]);
    expect(Object.keys(round?.seconds ?? {}).sort()).to.deep.equal(['aggregate', 'evaluate', 'train']);
    // Two true boxes, two matches, no false positive: precision 1 at every recall.
    expect(round?.metrics?.mean.ap40).to.equal(1);
    expect(round?.metrics?.perClass[1]?.ap40).to.equal(null);
    expect(refusals).to.deep.equal(Array(8).fill('400 MESSAGE_INVALID'));
    const { crossSite } = status;
    expect(crossSite).to.deep.include({ round: 1, suppressBelow: 1 });
    expect(crossSite?.sites.map(({ site }) => site)).to.deep.equal(['site-a', 'site-b']);
    expect(crossSite?.sites[1]?.classes?.[0]).to.include({ films: 2, truths: 1, ap40: 1, globalAuc: 1 });
    // Two films with and two without: the global head orders all four pairs, the boxes tie in all four.
    const sums = { films: 4, truths: 2, froc: 1, positives: 2, negatives: 2, globalAuc: 1, localAuc: 0.5 };
    expect(crossSite?.pooled[0]).to.include(sums);
    expect(crossSite?.pooled[1]).to.include({ films: 0, truths: 0, ap40: null, globalAuc: null });
    const { json: earlier } = await running.operate('GET', 'studies/first/rounds/1/scores');
    expect(earlier).to.deep.equal(crossSite);
    expect((await running.operate('GET', 'studies/first/rounds/2/scores')).status).to.equal(404);
    expect(status.sites[0]).to.include({ connected: true, approved: true, bytesSent: 10, bytesReceived: 20 });
    expect(seen.some(({ study }) => study === 'first')).to.equal(true);
  });

  it('hands the operator the released model with its metadata', async () => {
    const { bytes } = await running.operate('GET', 'admin/studies/first/releases/1/model');
    const { weights: model, metadata } = decodeSafetensors(bytes);
    expect(values(model, 'stem.kernel')).to.deep.equal([4, 4]);
    expect(metadata).to.include({ study: 'first', release: '1', counted: 'site-a site-b' });
    expect(metadata.roles).to.contain('classSubnet');
  });

  it('keeps a log that holds', async () => {
    const { json } = await running.operate('GET', 'admin/audit');
    const { entries, brokenAt } = json as { entries: number; brokenAt: number | null };
    expect(brokenAt).to.equal(null);
    // 2 invite, 2 enrol, create, model, 2 approve, start, 2 uploads, aggregate, publish, bad reports of 2, export
    expect(entries).to.equal(16);
  });
});
