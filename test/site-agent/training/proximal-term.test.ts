import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { ProximalTerm } from '@fedoxnet/site-agent/training/proximal-term';

describe('the proximal term', () => {
  before(() => selectBackend('auto', { threads: 1 }));

  it('adds μ (w − w_global) to each gradient, and leaves no tensor behind', () => {
    const named = (name: string, values: number[]) => tf.variable(tf.tensor1d(values), true, name);
    const [moved, still, silent] = [
      named('prox/moved', [1, -1]),
      named('prox/still', [5]),
      named('prox/silent', [2]),
    ];
    const term = new ProximalTerm(0.5, [moved, still, silent]);
    moved.assign(tf.tensor1d([4, -3]));
    silent.assign(tf.tensor1d([10]));
    const gradients = {
      'prox/moved': tf.tensor1d([2, 0]),
      'prox/still': tf.tensor1d([7]),
    };
    const before = tf.memory().numTensors;
    const sums = term.addTo(gradients);
    expect(tf.memory().numTensors).to.equal(before - 2 + 3);
    const valuesOf = (name: string): number[] => [...sums[name]!.dataSync()];
    expect(valuesOf('prox/moved')).to.deep.equal([3.5, -1]); // 2 + ½ · 3, 0 + ½ · (−2)
    expect(valuesOf('prox/still')).to.deep.equal([7]); // it stands where it began
    expect(valuesOf('prox/silent')).to.deep.equal([4]); // no loss speaks of it: ½ · 8 alone
    tf.dispose([...Object.values(sums), moved, still, silent]);
    term.dispose();
  });
});
