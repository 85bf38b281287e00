import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { ReleaseFile } from '#simulate/rounds/exchange';
import { SealedExchange } from '#simulate/rounds/sealed-exchange';
import { modelFile } from '../../../e2e/support/small-model.js';
import { smallPlan } from '../../../e2e/support/small-plan.js';

const plan = smallPlan({
  rounds: 3,
  aggregation: {
    strategy: 'weighted-mean',
    prototypeDecay: 0,
    server: { optimizer: 'fedadam', learningRate: 0.5, beta1: 0.5, beta2: 0.75, tau: 0.25 },
  },
});
const START = [1, -2];
/** By round: what the two hospitals say, of 1 and of 3 films. */
const DELTAS = [
  [
    [4, 0],
    [0, 4],
  ],
  [
    [1, 1],
    [1, -3],
  ],
  [
    [-8, 2],
    [0, 2],
  ],
] as const;

/** The same in a few lines: Reddi et al. 2021, Algorithm 2, each number rounded to float32 as it is stored. */
function byHand(): number[][] {
  const w = Float32Array.from(START);
  const m = new Float32Array(2);
  const v = new Float32Array(2).fill(0.25 ** 2);
  return DELTAS.map(([one, two]) => {
    w.forEach((_, at) => {
      const delta = (one[at]! + 3 * two[at]!) / 4;
      m[at] = 0.5 * m[at]! + 0.5 * delta;
      v[at] = 0.75 * v[at]! + 0.25 * delta * delta;
      w[at]! += (0.5 * m[at]!) / (Math.sqrt(v[at]!) + 0.25);
    });
    return [...w];
  });
}

describe('the sealed exchange of simulated hospitals', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'fedoxnet-exchange-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function first(): Promise<ReleaseFile> {
    const bytes = modelFile(new Map([['stem.weight', { shape: [2], values: Float32Array.from(START) }]]));
    const path = join(folder, 'release-0.safetensors');
    await writeFile(path, bytes);
    return { number: 0, path, digest: digestOf(bytes) };
  }

  async function nextRelease(exchange: SealedExchange, base: ReleaseFile): Promise<ReleaseFile> {
    const round = base.number + 1;
    const updates = await Promise.all(
      plan.sites.map(async (site, at) => {
        const films = at === 0 ? 1 : 3;
        const path = join(folder, `update-${round}-${site}.safetensors`);
        const values = Float32Array.from(DELTAS[base.number]![at]!);
        await writeFile(path, encodeSafetensors(new Map([['stem.weight', { shape: [2], values }]]), {}));
        const rows = [films, films];
        const masses = { films, positives: 0, classRows: rows, globalRows: rows, prototypeRows: [0, 0] };
        return { site, path, masses };
      }),
    );
    const path = join(folder, `release-${round}.safetensors`);
    return exchange.nextRelease({ plan, round, base, updates, path });
  }

  const weights = async ({ path }: ReleaseFile): Promise<number[]> => [
    ...(decodeSafetensors(await readFile(path)).weights.get('stem.weight')?.values ?? []),
  ];

  it("steps by the server's optimiser, whose state goes on from round to round", async () => {
    const exchange = await SealedExchange.open(join(folder, 'exchange'));
    let release = await first();
    for (const expected of byHand()) {
      release = await nextRelease(exchange, release);
      expect(await weights(release)).to.deep.equal(expected);
    }
  });

  it('comes to the same releases, byte by byte, when every round is done by a process that was just started', async () => {
    const exchange = await SealedExchange.open(join(folder, 'exchange'));
    let release = await first();
    const whole: string[] = [];
    for (let round = 1; round <= plan.rounds; round++) {
      release = await nextRelease(exchange, release);
      whole.push(release.digest);
    }
    release = await first();
    const resumed: string[] = [];
    for (let round = 1; round <= plan.rounds; round++) {
      const again = await SealedExchange.open(join(folder, 'exchange'));
      await nextRelease(again, release); // a round that is done twice is the same round
      release = await nextRelease(await SealedExchange.open(join(folder, 'exchange')), release);
      resumed.push(release.digest);
    }
    expect(resumed).to.deep.equal(whole);
  });
});
