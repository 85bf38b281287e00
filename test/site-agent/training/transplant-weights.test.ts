import { expect } from 'chai';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';
import { transplantWeights } from '@fedoxnet/site-agent/training/transplant-weights';

const roles: TensorRoles = {
  trunk: { module: 'backbone' },
  output: { module: 'classSubnet', classAxis: 1 },
  prototypes: { module: 'prototypes', classAxis: 0 },
};

function array(shape: number[], values: number[]): WeightArray {
  return { shape, values: Float32Array.from(values) };
}

describe('transplantWeights', () => {
  // Two inputs, two anchors; the donor knows heart and lump, the study rib, heart and spot: channel a·K + c.
  const donor = {
    classes: ['heart', 'lump'],
    weights: new Map([
      ['trunk', array([2], [7, 8])],
      ['output', array([2, 4], [11, 12, 13, 14, 21, 22, 23, 24])],
      ['prototypes', array([2, 1], [5, 5])],
    ]),
  };
  const fresh = {
    classes: ['rib', 'heart', 'spot'],
    weights: new Map([
      ['trunk', array([2], [0, 0])],
      ['output', array([2, 6], [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])],
      ['prototypes', array([3, 1], [0, 0, 0])],
    ]),
  };

  it('takes shared tensors whole, class rows by name, and leaves prototypes fresh', () => {
    const filled = transplantWeights(donor, fresh, roles);
    expect([...filled.keys()]).to.deep.equal(['trunk', 'output', 'prototypes']);
    expect([...filled.get('trunk')!.values]).to.deep.equal([7, 8]);
    // heart is the donor's class 0: its channels 0 and 2 go to channels 0·3 + 1 and 1·3 + 1.
    expect([...filled.get('output')!.values]).to.deep.equal([0, 11, 0, 0, 13, 0, 0, 21, 0, 0, 23, 0]);
    expect([...filled.get('prototypes')!.values]).to.deep.equal([0, 0, 0]);
  });

  it('starts a class as the one it is said to be alike', () => {
    const filled = transplantWeights(donor, fresh, roles, { spot: 'lump' });
    expect([...filled.get('output')!.values]).to.deep.equal([0, 11, 12, 0, 13, 14, 0, 21, 22, 0, 23, 24]);
  });

  it('changes neither the donor nor the fresh model', () => {
    transplantWeights(donor, fresh, roles, { rib: 'heart' });
    expect([...fresh.weights.get('output')!.values].every((value) => value === 0)).to.equal(true);
    expect(donor.weights.get('output')!.values[0]).to.equal(11);
  });
});
