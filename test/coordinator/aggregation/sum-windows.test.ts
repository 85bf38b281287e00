import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { WindowSummer } from '@fedoxnet/coordinator/aggregation/sum-window';
import { sumTaskOf, type SumOrder } from '@fedoxnet/coordinator/aggregation/sum-messages';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { judgeUpdates, sumWindows } from '@fedoxnet/coordinator/aggregation/sum-windows';
import { addSurvey, emptySurvey, verdictOf } from '@fedoxnet/coordinator/aggregation/survey';
import { WindowSurveyor } from '@fedoxnet/coordinator/aggregation/survey-window';
import { longestOf } from '@fedoxnet/coordinator/aggregation/windows';
import { windowsOfOrder } from '@fedoxnet/coordinator/aggregation/windows-of-order';
import { chunkKey, uploadFolder } from '@fedoxnet/coordinator/blobs/blob-store';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { halvesOf, quantise } from '@fedoxnet/shared/weights/quantise';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { safetensorsHeaderOf } from '@fedoxnet/shared/weights/safetensors-header';
import { encodedEntries, type EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import { FP32, massesOf, sealedRound } from './sealed-round.js';
import type { SumProcessOrder } from './sum-process.js';

const PROCESS = fileURLToPath(new URL('sum-process.js', import.meta.url));

describe('the sum of sealed updates', () => {
  let blobs: FolderBlobStore;
  const threads = new SumThreads();
  after(() => threads.close());
  beforeEach(async () => {
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-sum-')));
    await blobs.prepare();
  });
  afterEach(() => rm(blobs.root, { recursive: true, force: true }));

  async function* windows(order: SumOrder): AsyncGenerator<readonly Float32Array[]> {
    const seconds = { open: 0, add: 0 };
    const place = { blobs, threads };
    yield* sumWindows(place, order, await judgeUpdates(place, order, seconds), seconds);
  }
  async function all(order: SumOrder): Promise<number[]> {
    const values: number[] = [];
    for await (const [weights] of windows(order)) values.push(...(weights ?? []));
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

  it('of fp16 updates is off by at most 2⁻¹¹ of their mean length', async () => {
    const choice: EncodingChoice = { encoding: 'fp16', scales: 'tensor' };
    const shapes = new Map([['w', [2]]]);
    const deltas = [
      { films: 1, values: [1.001, -0.3333] }, // 1025 / 2¹⁰, −1365 / 2¹²
      { films: 3, values: [2.003, 0.1] }, // 1026 / 2⁹, 1638 / 2¹⁴
    ];
    const updates = deltas.map(({ films, values }) => {
      const header = safetensorsHeaderOf(encodedEntries(shapes, choice), {});
      const halves = halvesOf('w', Float32Array.from(values));
      return { films, file: Buffer.concat([header, Buffer.from(halves.buffer)]) };
    });
    const mean = await all(await sealedRound(blobs, shapes, plain('w', [0, 0]), updates, choice));
    // (1·a + 3·b)/4 of the rounded numbers, by hand: exact in float32
    expect(mean).to.deep.equal([1.753173828125, -0.008331298828125]);
    [1.7525, -0.008325].forEach((exact, at) => {
      const length = (Math.abs(deltas[0]!.values[at]!) + 3 * Math.abs(deltas[1]!.values[at]!)) / 4;
      expect(Math.abs(mean[at]! - exact)).to.be.at.most(length * 2 ** -11);
    });
  });

  const tensors = (values: Readonly<Record<string, readonly number[]>>) =>
    encodeSafetensors(
      new Map(
        Object.entries(values).map(([name, numbers]) => [
          name,
          { shape: [numbers.length], values: Float32Array.from(numbers) },
        ]),
      ),
      {},
    );

  it("moves SCAFFOLD's controls by the share of the sites that were counted", async () => {
    const updates = [
      { films: 1, file: tensors({ w: [8], 'w#control': [4] }) },
      { films: 3, file: tensors({ w: [0], 'w#control': [8] }) },
    ];
    const base = tensors({ w: [1], 'w#control': [10] });
    const sealed = await sealedRound(blobs, new Map([['w', [1]]]), base, updates, FP32);
    // Two of four sites: w = 1 + (1·8 + 3·0)/4, c = 10 + ½ · (1·4 + 3·8)/4
    for await (const parts of windows({ ...sealed, controls: { share: 0.5 } }))
      expect(parts.map((part) => [...part])).to.deep.equal([[3], [13.5]]);
  });

  it('does not take the prototypes of the update that Krum chose', async () => {
    const masses = (prototypeRows: number[]) => ({ ...massesOf(1), prototypeRows });
    const site = (w: number, p: number[], rows: number[]) => ({
      films: 1,
      file: tensors({ w: [w], p }),
      masses: masses(rows),
    });
    const updates = [
      site(1, [1, 0], [1, 0]),
      // Two neighbours at a distance of 1, as the next two have; of equal scores the first wins.
      site(2, [900, -900], [1, 1]),
      site(3, [2, 0], [1, 0]),
      site(4, [4, 5], [1, 1]),
      site(5, [3, 0], [1, 0]),
    ];
    const order = await sealedRound(
      blobs,
      new Map([
        ['w', [1]],
        ['p', [2]],
      ]),
      tensors({ w: [0], p: [100, 100] }),
      updates,
      FP32,
      {
        roles: { w: { module: 'backbone' }, p: { module: 'prototypes', classAxis: 0 } },
        aggregation: { strategy: 'weighted-mean', prototypeDecay: 0, robust: { rule: 'krum', hostile: 1 } },
      },
    );
    // class 0: the middle of {1, 2, 3, 4, 900}; class 1: two speak, and one of them may be hostile
    expect(await all(order)).to.deep.equal([2, 103, 100]);
  });

  const PLANS: readonly (readonly [name: string, plan: AggregationPlan])[] = [
    ['the weighted mean', { strategy: 'weighted-mean', prototypeDecay: 0 }],
    [
      'the trimmed mean with FedAdam',
      {
        strategy: 'weighted-mean',
        prototypeDecay: 0,
        robust: { rule: 'trimmed-mean', hostile: 1 },
        server: { optimizer: 'fedadam', learningRate: 0.1, beta1: 0.9, beta2: 0.99, tau: 1e-3 },
      },
    ],
    [
      'multi-Krum of bounded updates with FedAvgM',
      {
        strategy: 'weighted-mean',
        prototypeDecay: 0,
        normBound: 300,
        robust: { rule: 'multi-krum', hostile: 1, keep: 2 },
        server: { optimizer: 'fedavgm', learningRate: 1, momentum: 0.9 },
      },
    ],
  ];
  for (const [name, aggregation] of PLANS) {
    it(`is the same to the last bit on threads and without: ${name}`, async () => {
      // 1.1 M numbers of five sites: enough for threads; tensors cross the borders of chunks and windows
      const lengths = new Map([...'abcde'].map((tensor, at) => [tensor, [220_000 + at]]));
      const file = (seed: number) =>
        encodeSafetensors(
          new Map(
            [...lengths].map(([tensor, shape]) => [
              tensor,
              {
                shape,
                values: Float32Array.from({ length: shape[0] ?? 0 }, (_, i) => Math.sin(i * seed + seed)),
              },
            ]),
          ),
          {},
        );
      const updates = [1, 2, 3, 4, 5].map((films) => ({ films, file: file(films) }));
      const order = { ...(await sealedRound(blobs, lengths, file(9), updates, FP32)), aggregation };
      const [surveyed, summed] = [windowsOfOrder(order, 'survey'), windowsOfOrder(order, 'sum')];
      const surveyor = new WindowSurveyor(blobs, sumTaskOf(order), longestOf(surveyed));
      const survey = emptySurvey(5);
      for (const window of surveyed) addSurvey(survey, await surveyor.survey(window));
      const verdict = verdictOf(aggregation, 5, survey);
      const summer = new WindowSummer(blobs, sumTaskOf(order), longestOf(summed));
      const here: Buffer[] = [];
      for (const window of summed) here.push(joined(await summer.sum(window, verdict)));
      const there: Buffer[] = [];
      for await (const parts of windows(order)) there.push(joined(parts));
      expect(there.length).to.equal(here.length);
      there.forEach((bytes, at) => expect(Buffer.compare(bytes, here[at] as Buffer)).to.equal(0));
    });
  }

  it('names the site whose update cannot be read any more', async () => {
    const file = plain('w', [1]);
    const updates = [1, 2].map((films) => ({ films, file }));
    const order = await sealedRound(blobs, new Map([['w', [1]]]), file, updates, FP32);
    await blobs.remove(chunkKey(uploadFolder('site-1'), 0));
    let refused: unknown;
    await all(order).catch((error: unknown) => (refused = error));
    expect(refused).to.include({ name: 'UpdateRefused', site: 'site-1' });
  });

  const FEWER: Readonly<Record<string, AggregationPlan>> = {
    'the mean': { strategy: 'weighted-mean', prototypeDecay: 0 },
    'the median': { strategy: 'weighted-mean', prototypeDecay: 0, robust: { rule: 'median', hostile: 1 } },
  };
  for (const [name, aggregation] of Object.entries(FEWER)) {
    it(`takes no more memory for 64 sites than for 16: ${name}`, async () => {
      // Not 2: that few chunks do not fill the room that the collector of each thread leaves itself. Forty-eight more updates held
      // would be three times as much.
      const peakOf = (sites: number): Promise<{ first: number; peakRssMb: number }> =>
        new Promise((resolve, reject) => {
          const child = fork(PROCESS, []);
          child.once('message', (message) => resolve(message as { first: number; peakRssMb: number }));
          child.once('exit', (code) => reject(new Error(`ended with ${code}`)));
          child.send({ sites, aggregation } satisfies SumProcessOrder);
        });
      const [few, many] = [await peakOf(16), await peakOf(64)];
      expect(many.first).to.equal(few.first);
      const told = `${few.peakRssMb} and ${many.peakRssMb} MB`;
      expect(many.peakRssMb / few.peakRssMb, told).to.be.lessThan(1.2);
    });
  }
});

function joined(parts: readonly Float32Array[]): Buffer {
  return Buffer.concat(parts.map(bytesFromFloats));
}
