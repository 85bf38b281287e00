import { expect } from 'chai';
import { fedAdagrad } from '@fedoxnet/coordinator/aggregation/server/fed-adagrad';
import { fedAdam } from '@fedoxnet/coordinator/aggregation/server/fed-adam';
import { fedAvgM } from '@fedoxnet/coordinator/aggregation/server/fed-avg-m';
import { fedYogi } from '@fedoxnet/coordinator/aggregation/server/fed-yogi';
import type { ServerStep } from '@fedoxnet/coordinator/aggregation/strategy';
import { freshState } from '../one-tensor.js';

/** One weight, moved along one delta after another; what it was after each, and the state at the end. */
function trace(step: ServerStep, deltas: readonly number[], weight = 0) {
  const state = freshState(step, 1);
  const weights = Float32Array.of(weight);
  const silent = new Uint8Array(1);
  const seen = deltas.map((delta) => {
    step.apply(weights, { deltas: Float64Array.of(delta), silent, rowOf: () => 0 }, state);
    return weights[0] ?? NaN;
  });
  return { seen, state: state.map(([value]) => value ?? NaN) };
}

// β₁ = ½, τ = ½, so v₀ = ¼. Deltas 2, then −1; m = 1, then 0. All numbers below are exact in binary.
const numbers = { learningRate: 3, beta1: 0.5, tau: 0.5 };

describe("the server's optimisers", () => {
  it('FedAvgM: v = 2, then ½ · 2 + 4 = 5; w = 1 + ½ · 2, then + ½ · 5', () => {
    const { seen, state } = trace(fedAvgM({ learningRate: 0.5, momentum: 0.5 }), [2, 4], 1);
    expect(seen).to.deep.equal([2, 4.5]);
    expect(state).to.deep.equal([5]);
  });

  it('FedAvgM without momentum at rate 1 is FedAvg', () => {
    expect(trace(fedAvgM({ learningRate: 1, momentum: 0 }), [2, -0.5], 1).seen).to.deep.equal([3, 2.5]);
  });

  it('FedAdagrad: v = 4.25, then 5.25', () => {
    const { seen, state } = trace(fedAdagrad(numbers), [2, -1]);
    expect(seen[0]).to.be.closeTo(3 / (Math.sqrt(4.25) + 0.5), 1e-7);
    expect(seen[1], 'm is 0').to.equal(seen[0]);
    expect(state).to.deep.equal([0, 5.25]);
  });

  it('FedAdam, β₂ = ¾: v = 3/16 + 1 = 1.1875, then 0.890625 + 0.25 = 1.140625', () => {
    const { seen, state } = trace(fedAdam({ ...numbers, beta2: 0.75 }), [2, -1, 4]);
    expect(seen[0]).to.be.closeTo(3 / (Math.sqrt(1.1875) + 0.5), 1e-7);
    expect(seen[1]).to.equal(seen[0]);
    // third: m = 2, v = 0.75 · 1.140625 + 4 = 4.85546875
    expect(seen[2]).to.be.closeTo((seen[0] ?? NaN) + 6 / (Math.sqrt(4.85546875) + 0.5), 1e-6);
    expect(state).to.deep.equal([2, 4.85546875]);
  });

  it('FedYogi, β₂ = ¾: v rises by ¼ Δ² where v < Δ² and falls by it where v > Δ²', () => {
    // ¼ + ¼ · 4 = 1.25; Δ² = 1 < 1.25: 1.25 − ¼ = 1; Δ² = 16: 1 + 4 = 5
    const { seen, state } = trace(fedYogi({ ...numbers, beta2: 0.75 }), [2, -1, 4]);
    expect(state).to.deep.equal([2, 5]);
    expect(seen[0]).to.be.closeTo(3 / (Math.sqrt(1.25) + 0.5), 1e-7);
    expect(seen[2]).to.be.closeTo((seen[1] ?? NaN) + 6 / (Math.sqrt(5) + 0.5), 1e-6);
  });

  for (const step of [
    fedAvgM({ learningRate: 1, momentum: 0.9 }),
    fedAdagrad(numbers),
    fedAdam({ ...numbers, beta2: 0.9 }),
    fedYogi({ ...numbers, beta2: 0.9 }),
  ]) {
    it(`leaves weight and ${step.state.join(', ')} of a silent row alone`, () => {
      const state = freshState(step, 2).map((array) => array.fill(7));
      const weights = Float32Array.of(1, 2);
      const delta = {
        deltas: Float64Array.of(NaN, 3),
        silent: Uint8Array.of(1, 0),
        rowOf: (at: number) => at,
      };
      step.apply(weights, delta, state);
      expect(weights[0]).to.equal(1);
      expect(weights[1]).to.be.greaterThan(2);
      for (const array of state) expect(array[0]).to.equal(7);
    });
  }
});
