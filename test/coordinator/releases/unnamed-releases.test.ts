import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { pino } from 'pino';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { loadRing } from '@fedoxnet/coordinator/keys/key-ring';
import { auditSigner } from '@fedoxnet/coordinator/keys/rotate-keys';
import { folderOfRelease } from '@fedoxnet/coordinator/releases/seal-release';
import { dropUnnamed } from '@fedoxnet/coordinator/releases/unnamed-releases';
import { aggregationStep } from '@fedoxnet/coordinator/rounds/round-steps';
import type { StudyRun } from '@fedoxnet/coordinator/rounds/run';
import { openDatabase } from '@fedoxnet/coordinator/storage/database';
import { onFailpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { EvaluationInvitation, RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import { RunningCoordinator } from '../running-coordinator.js';
import { initialModel, planFor, weights } from '../study-of-three-tensors.js';

const MASSES = { films: 1, positives: 1, classRows: [1, 1], globalRows: [1, 1], prototypeRows: [1, 1] };
const noSpace = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
const TRANSFER = { update: 'fp32', scales: 'tensor', rounding: 'nearest', errorFeedback: false } as const;
const SERVER = { optimizer: 'fedadam', learningRate: 1, beta1: 0.5, beta2: 0.5, tau: 0.5 } as const;

describe('sealed releases that no row names', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());
  afterEach(() => onFailpoint(null));

  const inBlobs = (place: string) => join(running.dataDir, 'blobs', place);
  /** Without the random ends of their names. */
  const numbersIn = async (place: string) =>
    (await readdir(inBlobs(place))).map((name) => name.split('-')[0]).sort();

  it('are gone after tries that failed, and when the initial model was replaced', async () => {
    const site = await running.site('site-a');
    const hash = await running.study(
      planFor('tries', ['site-a'], {
        rounds: 2,
        aggregation: { strategy: 'supervision-aware', prototypeDecay: 0.5, server: SERVER },
        transfer: { ...TRANSFER, keepUploads: true },
      }),
    );
    await running.operate('PUT', 'admin/studies/tries/model', initialModel());
    expect(await numbersIn('releases/tries'), 'a site may be reading the first').to.deep.equal(['0', '0']);
    await site.approve('tries', hash);
    const due = [
      'coordinator.aggregate.sealed',
      'coordinator.aggregate.storing',
      'coordinator.aggregate.sealed',
    ];
    onFailpoint((name) => {
      if (name !== due[0]) return;
      due.shift();
      throw noSpace();
    });
    const socket = await site.connect();
    socket.on('round:invite', async (message: RoundInvitation, ack: (reply: unknown) => void) => {
      ack({ accepted: true });
      await site.send(site.seal(message, weights([1, 1], [1, 1], [1, 1, 1, 1]), MASSES));
    });
    socket.on('round:evaluate', (_: EvaluationInvitation, ack: (reply: unknown) => void) =>
      ack({ accepted: false, code: 'POLICY_FORBIDS', message: 'no' }),
    );
    await running.operate('POST', 'admin/studies/tries/start');
    await running.until('tries', ({ state }) => state === 'finished');
    expect(due).to.deep.equal([]);
    expect(await numbersIn('releases/tries')).to.deep.equal(['0', '1', '2']);
    expect(await numbersIn('states/tries'), 'the last release needs no state').to.deep.equal(['1']);
  });

  it('are gone after a start, but not those of rounds or studies that the database does not know', async () => {
    await running.stop();
    const blobs = new FolderBlobStore(inBlobs(''));
    const strays = ['releases/tries/2-ff', 'states/tries/1-ff', 'releases/tries/3-ff', 'releases/other/1-ff'];
    for (const stray of strays) await blobs.put(`${stray}/0`, [Buffer.of(1)], 1);
    running = await RunningCoordinator.start(running.dataDir);
    expect(await numbersIn('releases/tries')).to.deep.equal(['0', '1', '2', '3']);
    expect(await numbersIn('states/tries')).to.deep.equal(['1']);
    expect(await numbersIn('releases/other')).to.deep.equal(['1']);
    const { status } = await running.operate('GET', 'admin/studies/tries/releases/2/model');
    expect(status).to.equal(200);
  });

  it('come of a second sum, which replaces nothing that was stored', async () => {
    const site = await running.site('site-b');
    await site.approve('twice', await running.study(planFor('twice', ['site-b'])));
    await site.connect();
    onFailpoint((name) => {
      if (name === 'coordinator.aggregate.begun') throw noSpace();
    });
    const invitation = site.nextInvitation();
    await running.operate('POST', 'admin/studies/twice/start');
    await site.send(site.seal(await invitation, weights([1, 1], [1, 1], [1, 1, 1, 1]), MASSES));
    await running.until('twice', ({ history }) => history[0]?.state === 'aggregating');
    await running.stop();
    onFailpoint(null);
    const { dataDir } = running;
    const keys = await loadRing(dataDir);
    const database = await openDatabase({
      dataDir,
      databaseUrl: undefined,
      signAudit: auditSigner(() => keys),
    });
    const blobs = new FolderBlobStore(inBlobs(''));
    const threads = new SumThreads();
    try {
      const context = { database, blobs, threads, keys, log: pino({ level: 'silent' }), now: Date.now };
      const run = (state: string) => ({ round: { number: 1, state } }) as unknown as StudyRun;
      const sum = async (before: string) => {
        const { within } = await aggregationStep(context, 'twice');
        await database.transaction(async (stores) => within?.(stores, run('evaluating'), run(before)));
        return database.stores.studies.findRelease('twice', 1);
      };
      const first = await sum('aggregating');
      expect(first).not.to.equal(null);
      expect(await sum('evaluating')).to.deep.equal(first);
      expect(await numbersIn('releases/twice')).to.deep.equal(['0', '1', '1']);
      await dropUnnamed('twice', database, blobs);
      expect(await numbersIn('releases/twice')).to.deep.equal(['0', '1']);
      const { length } = await blobs.list(folderOfRelease(first!.header));
      expect(length, 'chunks of the one that is named').to.equal(1);
    } finally {
      await threads.close();
      await database.close();
    }
  });
});
