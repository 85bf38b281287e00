import { expect } from 'chai';
import { mostUpdateBytes, travellingShapes } from '@fedoxnet/coordinator/uploads/travelling-shapes';
import type { TransferPlan } from '@fedoxnet/shared/study/transfer-plan';
import { planFor, ROLES } from '../study-of-three-tensors.js';

const HEADER = 8 + 4 * 1024 ** 2;
/** stem [2], class [1, 2], prototypes [2, 2]: 8 numbers. */
const model = {
  tensors: [
    ['stem.kernel', [2]],
    ['class.kernel', [1, 2]],
    ['prototypes', [2, 2]],
  ] as [string, number[]][],
  roles: ROLES,
};
const most = (transfer?: Pick<TransferPlan, 'update' | 'scales'>) =>
  mostUpdateBytes(
    planFor('s', ['site-a'], {
      ...(transfer && {
        transfer: { rounding: 'nearest', errorFeedback: false, keepUploads: false, ...transfer },
      }),
    }),
    model,
  );

describe('what travels in an update', () => {
  it('has as many bytes as its numbers in the plan’s encoding, and a header', () => {
    expect(most()).to.equal(HEADER + 8 * 4);
    expect(most({ update: 'fp16', scales: 'channel' })).to.equal(HEADER + 8 * 2);
    // One scale of 4 bytes for stem, one for each of the two channels of class and prototypes.
    expect(most({ update: 'int8', scales: 'channel' })).to.equal(HEADER + 8 + 4 * (1 + 2 + 2));
    expect(most({ update: 'int8', scales: 'tensor' })).to.equal(HEADER + 8 + 4 * 3);
  });

  it('has the control variates of all but the prototypes where the plan corrects drift', () => {
    const plan = planFor('s', ['site-a']);
    const drift = { method: 'scaffold' as const };
    const controlled = { ...plan, training: { ...plan.training, drift } };
    expect([...travellingShapes(controlled, model).keys()]).to.deep.equal([
      ...Object.keys(ROLES),
      ...['stem.kernel#control', 'class.kernel#control'],
    ]);
    expect(mostUpdateBytes(controlled, model)).to.equal(HEADER + (8 + 4) * 4);
  });
});
