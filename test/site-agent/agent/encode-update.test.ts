import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { TransferPlan } from '@fedoxnet/shared/study/transfer-plan';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { scaleCodes } from '@fedoxnet/shared/weights/update-encoding';
import { encodeUpdate } from '@fedoxnet/site-agent/agent/encode-update';
import { keepCarried } from '@fedoxnet/site-agent/agent/carried-weights';
import { scratchFolder } from './support/scratch.js';

const INT8: TransferPlan = { update: 'int8', scales: 'tensor', rounding: 'nearest', errorFeedback: true };
const PLAN = 'a'.repeat(64);

describe('an update in eight bits', () => {
  const folder = scratchFolder();

  /** What the coordinator makes of round `round`'s update of `delta`. */
  async function send(
    delta: readonly number[],
    round: number,
    transfer: TransferPlan = INT8,
    planHash = PLAN,
  ): Promise<Float32Array> {
    const [plain, encoded] = [join(folder(), 'plain'), join(folder(), 'encoded')];
    const values = Float32Array.from(delta);
    await writeFile(plain, encodeSafetensors(new Map([['w', { shape: [delta.length], values }]]), {}));
    await encodeUpdate({
      ...{ study: 's', planHash, site: 'north', round, transfer },
      ...{ folder: folder(), plain, encoded },
    });
    const { weights } = decodeSafetensors(await readFile(encoded));
    const decoded = weights.get('w')?.values ?? new Float32Array(0);
    const scales = weights.get('w#scale')?.values;
    if (scales !== undefined) scaleCodes(decoded, 0, scales);
    return decoded;
  }
  const step = async (
    delta: readonly number[],
    round: number,
    transfer?: TransferPlan,
    planHash?: string,
  ) => {
    const decoded = await send(delta, round, transfer, planHash);
    await keepCarried('residual', folder(), round);
    return decoded;
  };

  it('is late but loses nothing, where plain rounding drifts for ever', async () => {
    // The scale is 1.27/127 = .01: .004 rounds to 0 each time, but what is owed grows until it is sent.
    const delta = [1.27, 0.004];
    const sums = { feedback: 0, plain: 0 };
    for (let round = 1; round <= 20; round += 1) {
      sums.feedback += (await step(delta, round))[1] ?? 0;
      sums.plain += (await send(delta, round, { ...INT8, errorFeedback: false }))[1] ?? 0;
      expect(Math.abs(sums.feedback - round * 0.004), `round ${round}`).to.be.at.most(0.0051);
    }
    expect(sums.plain).to.equal(0); // 20 · .004 = .08 lost
    expect(sums.feedback).to.be.closeTo(0.08, 0.0051);
  });

  it('is the same bytes when a round is done again, after a crash or as another attempt', async () => {
    const delta = [1, 0.003, -0.7];
    await step(delta, 1);
    const once = await send(delta, 2);
    expect(await send(delta, 2), 'before it was delivered').to.deep.equal(once);
    await keepCarried('residual', folder(), 2);
    expect(await send(delta, 2), 'after it was delivered').to.deep.equal(once);
  });

  it('owes nothing for an update that never arrived, nor under another plan', async () => {
    const delta = [1.27, 0.004];
    const other = 'b'.repeat(64);
    await send(delta, 1); // never delivered
    expect((await step(delta, 2))[1]).to.equal(0);
    expect((await step(delta, 3))[1]).to.be.closeTo(0.01, 1e-6); // .004 owed + .004 → .008 → .01
    expect((await step(delta, 4, INT8, other))[1], 'a new plan begins with none').to.equal(0);
  });

  it('goes on without a residual that was damaged', async () => {
    await step([1.27, 0.004], 1);
    await writeFile(join(folder(), 'residual-1.safetensors'), 'torn');
    expect((await send([1.27, 0.004], 2))[1]).to.equal(0);
  });

  it('keeps the residuals of two rounds, and no half-written file', async () => {
    for (const round of [1, 2, 3, 4]) await step([1, 0.001], round);
    const names = (await readdir(folder())).filter((name) => name !== 'plain' && name !== 'encoded').sort();
    expect(names).to.deep.equal(['residual-3.safetensors', 'residual-4.safetensors']);
  });

  it('rounds at random from a stream of its round, so again the same', async () => {
    const random: TransferPlan = { ...INT8, rounding: 'stochastic', errorFeedback: false };
    const delta = Array.from({ length: 400 }, (_, at) => (at === 0 ? 1.27 : 0.004));
    const once = await send(delta, 1, random);
    expect(await send(delta, 1, random)).to.deep.equal(once);
    expect(await send(delta, 2, random)).not.to.deep.equal(once);
    // 399 · .4 = 159.6 of them go up, with a standard deviation of 9.8: within four of those
    const ups = once.slice(1).filter((value) => value > 0).length;
    expect(ups).to.be.within(120, 200);
  });

  it('in half precision is off by at most 2⁻¹¹ of each number', async () => {
    const delta = Array.from({ length: 200 }, (_, at) => Math.sin(at + 1) / (at + 1));
    const decoded = await send(delta, 1, { ...INT8, update: 'fp16', errorFeedback: false });
    delta.forEach((value, at) =>
      expect(Math.abs((decoded[at] ?? NaN) - value)).to.be.at.most(Math.abs(value) * 2 ** -11 + 1e-9),
    );
  });
});
