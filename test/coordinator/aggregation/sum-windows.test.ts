import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { WindowSummer } from '@fedoxnet/coordinator/aggregation/sum-window';
import { sumTaskOf, type SumOrder } from '@fedoxnet/coordinator/aggregation/sum-messages';
import { sumWindows } from '@fedoxnet/coordinator/aggregation/sum-windows';
import { windowsOf } from '@fedoxnet/coordinator/aggregation/windows';
import { chunkKey, uploadFolder } from '@fedoxnet/coordinator/blobs/blob-store';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { quantise } from '@fedoxnet/shared/weights/quantise';
import { encodeSafetensors, safetensorsHeaderOf } from '@fedoxnet/shared/weights/safetensors';
import { encodedEntries, type EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import { FP32, sealedRound } from './sealed-round.js';

const PROCESS = fileURLToPath(new URL('sum-process.js', import.meta.url));

describe('the sum of sealed updates', () => {
  let blobs: FolderBlobStore;
  beforeEach(async () => {
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-sum-')));
    await blobs.prepare();
  });
  afterEach(() => rm(blobs.root, { recursive: true, force: true }));

  async function all(order: SumOrder): Promise<number[]> {
    const values: number[] = [];
    for await (const window of sumWindows(blobs, order, { open: 0, add: 0 })) values.push(...window);
    return values;
  }
  const plain = (name: string, values: readonly number[], note = '') =>
    encodeSafetensors(new Map([[name, { shape: [values.length], values: Float32Array.from(values) }]]), {
      ...(note === '' ? {} : { note }),
    });

  it('is the mean by films, whatever the length of each header', async () => {
    const updates = [
      { films: 1, file: plain('w', [4, 0]) },
      { films: 3, file: plain('w', [0, 4], 'a longer header') },
    ];
    const order = await sealedRound(blobs, new Map([['w', [2]]]), plain('w', [10, 20]), updates, FP32);
    expect(await all(order)).to.deep.equal([11, 23]);
  });

  it('of int8 updates is off by at most half a scale, weighted as they are', async () => {
    const choice: EncodingChoice = { encoding: 'int8', scales: 'tensor' };
    const shapes = new Map([['w', [4]]]);
    const deltas = [
      { films: 1, values: [1.27, -0.333, 0.004, 0] }, // scale .01: 1.27, −.33, 0, 0
      { films: 3, values: [-2.54, 0.111, 0.017, 1] }, // scale .02: −2.54, .12, .02, 1
    ];
    const updates = deltas.map(({ films, values }) => {
      const { codes, scales } = quantise('w', Float32Array.from(values), [4], 'tensor', 'nearest');
      const header = safetensorsHeaderOf(encodedEntries(shapes, choice), {});
      return { films, file: Buffer.concat([header, bytesFromFloats(scales), Buffer.from(codes.buffer)]) };
    });
    const mean = await all(await sealedRound(blobs, shapes, plain('w', [0, 0, 0, 0]), updates, choice));
    // (1·a + 3·b)/4 of the rounded numbers, by hand
    [-1.5875, 0.0075, 0.015, 0.75].forEach((want, at) => expect(mean[at]).to.be.closeTo(want, 1e-6));
    const exact = [0, 1, 2, 3].map(
      (at) => ((deltas[0]?.values[at] ?? 0) + 3 * (deltas[1]?.values[at] ?? 0)) / 4,
    );
    const bound = (1 * 0.005 + 3 * 0.01) / 4;
    exact.forEach((value, at) => expect(Math.abs((mean[at] ?? NaN) - value)).to.be.at.most(bound + 1e-6));
  });

  it('is the same to the last bit on threads and without', async () => {
    // 1.1 M numbers of four sites: enough for threads; tensors cross the borders of chunks and windows
    const lengths = new Map([...'abcde'].map((name, at) => [name, [220_000 + at]]));
    const file = (seed: number) =>
      encodeSafetensors(
        new Map(
          [...lengths].map(([name, shape]) => [
            name,
            {
              shape,
              values: Float32Array.from({ length: shape[0] ?? 0 }, (_, i) => Math.sin(i * seed + seed)),
            },
          ]),
        ),
        {},
      );
    const updates = [1, 2, 3, 4].map((films) => ({ films, file: file(films) }));
    const order = await sealedRound(blobs, lengths, file(9), updates, FP32);
    const summer = new WindowSummer(blobs, sumTaskOf(order));
    const here: Float32Array[] = [];
    for (const window of windowsOf(order.model)) here.push((await summer.sum(window)).slice());
    let at = 0;
    for await (const window of sumWindows(blobs, order, { open: 0, add: 0 })) {
      const want = here[at] ?? new Float32Array(0);
      expect(Buffer.compare(bytesFromFloats(window), bytesFromFloats(want))).to.equal(0);
      at += 1;
    }
    expect(at).to.equal(here.length);
  });

  it('names the site whose update cannot be read any more', async () => {
    const file = plain('w', [1]);
    const updates = [1, 2].map((films) => ({ films, file }));
    const order = await sealedRound(blobs, new Map([['w', [1]]]), file, updates, FP32);
    await blobs.remove(chunkKey(uploadFolder('site-1'), 0));
    let refused: unknown;
    await all(order).catch((error: unknown) => (refused = error));
    expect(refused).to.include({ name: 'UpdateRefused', site: 'site-1' });
  });

  it('takes no more memory for 32 sites than for 4', async () => {
    // Not 2: that few chunks do not fill the room that the collector of each thread leaves itself.
    const peakOf = (sites: number): Promise<{ sum: number; peakRssMb: number }> =>
      new Promise((resolve, reject) => {
        const child = fork(PROCESS, []);
        child.once('message', (message) => resolve(message as { sum: number; peakRssMb: number }));
        child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
        child.send({ sites });
      });
    const [few, many] = [await peakOf(4), await peakOf(32)];
    expect(many.sum).to.equal(few.sum);
    expect(many.peakRssMb / few.peakRssMb, `${few.peakRssMb} and ${many.peakRssMb} MB`).to.be.lessThan(1.1);
  });
});
