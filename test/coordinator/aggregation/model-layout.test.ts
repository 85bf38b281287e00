import { expect } from 'chai';
import { checkShapes, modelLayout } from '@fedoxnet/coordinator/aggregation/model-layout';
import { FederationError } from '@fedoxnet/shared/errors';

const shapes = (entries: Record<string, number[]>) => new Map(Object.entries(entries));

describe('the layout of a model', () => {
  const refusals: [string, Record<string, number[]>, unknown, RegExp][] = [
    ['a tensor without a role', { stem: [2] }, {}, /stem has no role/],
    [
      'a module that OXnet does not have',
      { stem: [2] },
      { stem: { module: 'tail' } },
      /invalid at "stem.module"/,
    ],
    [
      'a class axis that the tensor does not have',
      { out: [4] },
      { out: { module: 'classSubnet', classAxis: 1 } },
      /classAxis 1/,
    ],
    [
      'a side that no number of classes fits',
      { out: [3] },
      { out: { module: 'classSubnet', classAxis: 0 } },
      /no multiple of 2/,
    ],
    ['prototypes without rows', { p: [2, 3] }, { p: { module: 'prototypes' } }, /no classAxis/],
    ['an empty model', {}, {}, /no tensor/],
  ];
  for (const [name, tensors, roles, message] of refusals) {
    it(`refuses ${name}`, () => {
      expect(() => modelLayout(shapes(tensors), roles, 2))
        .to.throw(FederationError, message)
        .with.property('code', 'MODEL_INVALID');
    });
  }

  const layout = modelLayout(
    shapes({ a: [2, 3], b: [1] }),
    { a: { module: 'fpn' }, b: { module: 'fpn' } },
    2,
  );
  it('takes an update of the same names, shapes and order', () => {
    expect(() => checkShapes(layout, shapes({ a: [2, 3], b: [1] }), 'It')).not.to.throw();
  });
  for (const [name, other] of Object.entries({
    'another shape': { a: [3, 2], b: [1] },
    'another order': { b: [1], a: [2, 3] },
    'a tensor too few': { a: [2, 3] },
    'a tensor too many': { a: [2, 3], b: [1], c: [1] },
  })) {
    it(`refuses an update with ${name}`, () => {
      expect(() => checkShapes(layout, shapes(other), 'It'))
        .to.throw(FederationError)
        .with.property('code', 'WEIGHTS_INVALID');
    });
  }
});
