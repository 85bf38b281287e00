import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { verdictOf } from '@fedoxnet/coordinator/aggregation/survey';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { FP32, sealedRound } from './sealed-round.js';

describe('the threads that sum', () => {
  let blobs: FolderBlobStore;
  let threads: SumThreads;
  beforeEach(async () => {
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-threads-')));
    await blobs.prepare();
    threads = new SumThreads();
  });
  afterEach(async () => {
    await threads.close();
    await rm(blobs.root, { recursive: true, force: true });
  });

  const file = (value: number) =>
    encodeSafetensors(new Map([['w', { shape: [1], values: Float32Array.of(value) }]]), {});
  async function roundOf(...deltas: number[]) {
    await blobs.removeFolder('uploads');
    const updates = deltas.map((delta) => ({ films: 1, file: file(delta) }));
    const order = await sealedRound(blobs, new Map([['w', [1]]]), file(10), updates, FP32);
    return { order, verdict: verdictOf(order.aggregation, deltas.length, null) };
  }

  it('work on one round after another', async () => {
    let before: unknown;
    for (const delta of [1, 5]) {
      const { order, verdict } = await roundOf(delta, delta);
      const [thread] = await threads.begin(order, 1);
      const reply = await thread!.ask({ kind: 'sum', window: 0, verdict, target: new Float32Array(1) });
      expect([...reply.target]).to.deep.equal([10 + delta]);
      await threads.giveBack([thread!]);
      expect(thread).to.equal(before ?? thread);
      before = thread;
    }
  });

  it('are not used again after they have ended', async () => {
    const { order, verdict } = await roundOf(1);
    const [first] = await threads.begin(order, 1);
    await first!.close();
    let failure: unknown;
    await first!.end().catch((error: unknown) => (failure = error));
    expect(failure).to.be.an('error').with.property('message', 'a thread that sums updates has ended');
    await threads.giveBack([first!]);
    const [second] = await threads.begin(order, 1);
    expect(second).not.to.equal(first);
    const reply = await second!.ask({ kind: 'sum', window: 0, verdict, target: new Float32Array(1) });
    expect([...reply.target]).to.deep.equal([11]);
    await threads.giveBack([second!]);
  });
});
