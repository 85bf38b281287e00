import { expect } from 'chai';
import { modelPlan, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { tensorRoles } from '@fedoxnet/shared/weights/roles';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { SMALL_MODEL } from '../model/small-model.js';

const plan: Pick<StudyPlan, 'study' | 'classes' | 'model'> = {
  study: 'chest-1',
  classes: ['Nodule', 'Effusion'],
  model: SMALL_MODEL,
};

describe('initial model', () => {
  it('is the same wherever the same plan is read', async () => {
    expect(await initialModel(plan)).to.deep.equal(await initialModel(structuredClone(plan)));
  });

  it('carries a zero prototype per class, as long as C5 has channels', async () => {
    const { weights } = await initialModel(plan);
    const prototypes = weights.get('prototypes')!;
    expect(prototypes.shape).to.deep.equal([2, weights.get('globalHead.kernel')!.shape[2]]);
    expect(prototypes.values.every((value) => value === 0)).to.equal(true);
  });

  it('says in its metadata what it is', async () => {
    const { weights, metadata } = await initialModel(plan);
    expect(metadata['study']).to.equal('chest-1');
    expect(metadata['release']).to.equal('0');
    expect(JSON.parse(metadata['classes']!)).to.deep.equal(plan.classes);
    expect(modelPlan.parse(JSON.parse(metadata['model']!))).to.deep.equal(plan.model);
    const roles = tensorRoles.parse(JSON.parse(metadata['roles']!));
    expect(Object.keys(roles)).to.deep.equal([...weights.keys()]);
  });
});
