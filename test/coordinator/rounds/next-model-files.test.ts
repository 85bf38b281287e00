import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { modelLayout } from '@fedoxnet/coordinator/aggregation/model-layout';
import { strategyOfPlan } from '@fedoxnet/coordinator/aggregation/strategy-of-plan';
import type { Plaintext } from '@fedoxnet/coordinator/releases/seal-release';
import { NextModelFiles } from '@fedoxnet/coordinator/rounds/next-model-files';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { temporaryBlobs } from '../blobs/temporary-blobs.js';

const shapes = new Map([
  ['backbone.w', [3]],
  ['prototypes', [2, 1]],
]);
const roles = {
  'backbone.w': { module: 'backbone' },
  prototypes: { module: 'prototypes', classAxis: 0 },
};
/** Adam keeps two arrays, m and v, and SCAFFOLD one, all over the trained tensor alone. */
const task = {
  model: modelLayout(shapes, roles, 2),
  strategy: strategyOfPlan({
    strategy: 'supervision-aware',
    prototypeDecay: 0,
    server: { optimizer: 'fedadam', learningRate: 1, beta1: 0.9, beta2: 0.99, tau: 0.1 },
  }),
  controls: { share: 1 },
};
const metadata = { study: 'trial' };
const numbers = (...values: number[]): Float32Array => Float32Array.from(values);
/** Weights, m, v and controls of two windows: the model is cut after its second number. */
const windows = [
  [numbers(1, 2), numbers(10, 11), numbers(20, 21), numbers(30, 31)],
  [numbers(3, 4, 5), numbers(12), numbers(22), numbers(32)],
];

async function bytesOf({ pieces }: Plaintext): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces()) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

/** Its tensors, after its digest and length were compared with it. */
async function contentOf(file: Plaintext): Promise<Record<string, number[]>> {
  const bytes = await bytesOf(file);
  expect(file.bytes).to.equal(bytes.length);
  expect(file.digest).to.equal(createHash('sha256').update(bytes).digest('hex'));
  const { weights, metadata: said } = decodeSafetensors(bytes);
  expect(said).to.deep.equal(metadata);
  return Object.fromEntries([...weights].map(([name, { values }]) => [name, [...values]]));
}

describe('the files of the next model', () => {
  const store = temporaryBlobs();

  it('are the release with the control variates, and the state of the optimiser, joined of all windows', async () => {
    const files = NextModelFiles.create(task, store.blobs, { last: false, metadata });
    for (const window of windows) await files.append(window);
    const state = await files.state();
    expect(await contentOf(state as Plaintext)).to.deep.equal({
      'backbone.w#first': [10, 11, 12],
      'backbone.w#second': [20, 21, 22],
    });
    expect(await contentOf(await files.release())).to.deep.equal({
      'backbone.w': [1, 2, 3],
      prototypes: [4, 5],
      'backbone.w#control': [30, 31, 32],
    });
    await files.remove();
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('are a model and nothing else after the last round', async () => {
    const files = NextModelFiles.create(task, store.blobs, { last: true, metadata });
    for (const window of windows) await files.append(window);
    expect(await files.state()).to.equal(null);
    expect(await contentOf(await files.release())).to.deep.equal({
      'backbone.w': [1, 2, 3],
      prototypes: [4, 5],
    });
    await files.remove();
  });
});
