import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { Approvals } from '@fedoxnet/site-agent/agent/approvals';
import { readModelHere } from '@fedoxnet/site-agent/cli/model-here';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { scratchFolder } from '../agent/support/scratch.js';
import { codeOf } from '../../support/rejection.js';

describe('a released model where it is used', () => {
  const folder = scratchFolder();
  let gamma: string;

  /** A release after round 2 and the site's own numbers after round 2, of a plan that the site approved. */
  async function siteWith(change: Partial<StudyPlan['training']>, ofPlan?: string) {
    const base = smallPlan({ study: 'chest-1', classes: ['Mass', 'Effusion'] });
    const plan: StudyPlan = { ...base, training: { ...base.training, ...change } };
    const hash = planHash(plan);
    await new Approvals(folder()).add(plan, hash);
    const { weights, metadata } = await initialModel(plan);
    gamma = [...weights.keys()].find((name) => /\.norm\./.test(name))!;
    const model = join(folder(), 'model.safetensors');
    const named = { ...metadata, study: plan.study, plan_hash: hash, release: '2' };
    await writeFile(model, encodeSafetensors(weights, named));
    const { shape, values } = weights.get(gamma)!;
    const own: WeightMap = new Map([[gamma, { shape, values: values.map((value) => value + 1) }]]);
    const work = join(folder(), 'work', 'chest-1');
    await mkdir(work, { recursive: true });
    const kept = { kind: 'own', plan_hash: ofPlan ?? hash, round: '2' };
    await writeFile(join(work, 'own-2.safetensors'), encodeSafetensors(own, kept));
    return { model, work, released: weights };
  }

  it('has the norms that the site keeps to itself, and all else as released', async () => {
    const { model, released } = await siteWith({ norms: 'local' });
    const { norms, released: here } = await readModelHere(model, folder());
    expect(norms).to.equal('own');
    for (const [name, { values }] of released) {
      const more = name === gamma ? 1 : 0;
      expect([...here.weights.get(name)!.values], name).to.deep.equal(
        [...values].map((value) => value + more),
      );
    }
    expect((await readModelHere(model, undefined)).norms).to.equal('released');
  });

  it('is as released where the study shares its norms: what else the site keeps bears the same names', async () => {
    const { model, released } = await siteWith({ drift: { method: 'scaffold' } });
    const { norms, released: here } = await readModelHere(model, folder());
    expect(norms).to.equal('released');
    expect([...here.weights.get(gamma)!.values]).to.deep.equal([...released.get(gamma)!.values]);
  });

  it('leaves norms of a later plan alone', async () => {
    const { model, work } = await siteWith({ norms: 'local' }, 'f'.repeat(64));
    expect((await readModelHere(model, folder())).norms).to.equal('released');
    expect(await readdir(work)).to.deep.equal(['own-2.safetensors']);
  });

  it('is refused with norms of another network', async () => {
    const { model, work } = await siteWith({ norms: 'local' });
    const { metadata } = (await readModelHere(model, undefined)).released;
    const strange: WeightMap = new Map([[gamma, { shape: [1], values: new Float32Array(1) }]]);
    const kept = { kind: 'own', plan_hash: metadata['plan_hash'] ?? '', round: '2' };
    await writeFile(join(work, 'own-2.safetensors'), encodeSafetensors(strange, kept));
    expect(await codeOf(readModelHere(model, folder()))).to.equal('WEIGHTS_INVALID');
  });
});
