import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { judgeUpdates, sumWindows } from '@fedoxnet/coordinator/aggregation/sum-windows';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet, PROTOTYPES } from '@fedoxnet/site-agent/model/oxnet';
import { trainLocalRound } from '@fedoxnet/site-agent/training/local-round';
import { FP32, sealedRound } from '../coordinator/aggregation/sealed-round.js';
import { smallFilms, smallPlan } from '../site-agent/training/small-study.js';

describe('a study of one site', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('is training in one place: the release is the trained model, to the last rounding of W + (W′ − W)', async () => {
    const plan = smallPlan();
    const global: WeightMap = freshModel(plan.model, 2).weights;
    const student = new Oxnet(plan.model, 2, global);
    const teacher = new Oxnet(plan.model, 2, global);
    const films = smallFilms({ box: 4, image: 2 });
    const anchors = anchorGrid(plan.model).boxes;
    const { update } = await trainLocalRound({ plan, round: 1, films, anchors, global, student, teacher });
    const trained = student.getWeights();
    student.dispose();
    teacher.dispose();

    const blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-one-')));
    await blobs.prepare();
    const shapes = new Map([...global].map(([name, { shape }]) => [name, shape]));
    const files = [{ films: 3, file: encodeSafetensors(update, {}) }];
    const order = await sealedRound(blobs, shapes, encodeSafetensors(global, {}), files, FP32);
    const seconds = { open: 0, add: 0 };
    const threads = new SumThreads();
    const verdict = await judgeUpdates({ blobs, threads }, order, seconds);
    const released: number[] = [];
    for await (const [weights] of sumWindows({ blobs, threads }, order, verdict, seconds))
      for (const value of weights ?? []) released.push(value);
    await rm(blobs.root, { recursive: true, force: true });

    let at = 0;
    let rounded = 0;
    for (const [name, { values: before }] of global) {
      for (const [index, old] of before.entries()) {
        const delta = update.get(name)!.values[index]!;
        const next = released[at++]!;
        if (next !== Math.fround(old + delta)) expect(next, name).to.equal(Math.fround(old + delta));
        if (name === PROTOTYPES) continue;
        const own = trained.get(name)!.values[index]!;
        if (next === own) continue;
        rounded += 1;
        // One rounding of the difference and one of the sum, each of half a unit in the last place.
        const limit = 2 ** -23 * Math.max(Math.abs(old), Math.abs(own));
        if (Math.abs(next - own) > limit) expect(next, name).to.be.closeTo(own, limit);
      }
    }
    expect(at).to.equal(released.length);
    expect(rounded / at, 'share of weights that differ in the last place').to.be.lessThan(0.25);
  });
});
