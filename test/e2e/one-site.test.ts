import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { judgeUpdates, sumWindows } from '@fedoxnet/coordinator/aggregation/sum-windows';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { applyUpdate } from '@fedoxnet/site-agent/training/apply-update';
import { trainLocalRound, type LocalRoundResult } from '@fedoxnet/site-agent/training/local-round';
import { FP32, sealedRound } from '../coordinator/aggregation/sealed-round.js';
import { shaken, smallFilms, smallPlan } from '../site-agent/training/small-study.js';

const ROUNDS = 3;

describe('a study of one site', () => {
  const plan = { ...smallPlan(), rounds: ROUNDS };
  const { weights: fresh, roles } = freshModel(plan.model, 2);
  const start = shaken(fresh);
  const films = smallFilms({ box: 4, image: 2 });
  const anchors = anchorGrid(plan.model).boxes;
  let networks: { readonly student: Oxnet; readonly teacher: Oxnet };
  let blobs: FolderBlobStore;
  before(async () => {
    await selectBackend('auto', { threads: 1 });
    networks = { student: new Oxnet(plan.model, 2), teacher: new Oxnet(plan.model, 2) };
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-one-')));
    await blobs.prepare();
  });
  after(async () => {
    for (const network of Object.values(networks)) network.dispose();
    await rm(blobs.root, { recursive: true, force: true });
  });

  function train(round: number, global: WeightMap): Promise<LocalRoundResult> {
    for (const network of Object.values(networks)) network.setWeights(global);
    return trainLocalRound({ plan, round, films, anchors, global, ...networks });
  }

  /** What the coordinator releases when this update is all that came. */
  async function released(global: WeightMap, { update, masses }: LocalRoundResult): Promise<WeightMap> {
    const shapes = new Map([...global].map(([name, { shape }]) => [name, shape]));
    const files = [{ films: masses.films, file: encodeSafetensors(update, {}), masses }];
    const aggregation = { strategy: 'supervision-aware', prototypeDecay: 0 } as const;
    const base = encodeSafetensors(global, {});
    const order = await sealedRound(blobs, shapes, base, files, FP32, { roles, aggregation });
    const place = { blobs, threads: new SumThreads() };
    const seconds = { open: 0, add: 0 };
    const verdict = await judgeUpdates(place, order, seconds);
    const values: number[] = [];
    for await (const [weights] of sumWindows(place, order, verdict, seconds))
      for (const value of weights ?? []) values.push(value);
    await blobs.removeFolder('uploads');
    let at = 0;
    return new Map(
      [...global].map(
        ([
          name,
          {
            shape,
            values: { length },
          },
        ]): [string, WeightArray] => {
          const own = Float32Array.from(values.slice(at, at + length));
          at += length;
          return [name, { shape, values: own }];
        },
      ),
    );
  }

  it('is training in one place, bit for bit', async () => {
    let [inOnePlace, federated] = [start, start];
    for (let round = 1; round <= ROUNDS; round += 1) {
      inOnePlace = applyUpdate(inOnePlace, (await train(round, inOnePlace)).update);
      federated = await released(federated, await train(round, federated));
    }
    let moved = 0;
    for (const [name, { values }] of inOnePlace) {
      expect(
        Buffer.from(federated.get(name)!.values.buffer).equals(Buffer.from(values.buffer)),
        name,
      ).to.equal(true);
      if (values.some((value, i) => value !== start.get(name)!.values[i])) moved += 1;
    }
    expect(moved, 'tensors that learnt').to.be.greaterThan(0.9 * inOnePlace.size);
  });

  it('goes on from the trained network itself, but for the last rounding of W + (W′ − W)', async () => {
    const { update } = await train(1, start);
    const trained = networks.student.getWeights();
    const following = applyUpdate(start, update);
    let [rounded, all] = [0, 0];
    for (const [name, { values: own }] of trained) {
      const next = following.get(name)!.values;
      const old = start.get(name)!.values;
      for (const [index, value] of own.entries()) {
        all += 1;
        if (next[index] === value) continue;
        rounded += 1;
        // One rounding of the difference and one of the sum, each of half a unit in the last place.
        const limit = 2 ** -23 * Math.max(Math.abs(old[index]!), Math.abs(value));
        if (Math.abs(next[index]! - value) > limit) expect(next[index], name).to.be.closeTo(value, limit);
      }
    }
    expect(rounded / all, 'share of weights that differ in the last place').to.be.lessThan(0.25);
  });
});
