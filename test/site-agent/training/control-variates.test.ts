import { expect } from 'chai';
import { controlName } from '@fedoxnet/shared/weights/control-variates';
import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';
import { ControlVariates } from '@fedoxnet/site-agent/training/control-variates';
import { createOptimizer } from '@fedoxnet/site-agent/training/optimizer';

const array = (...values: number[]): WeightArray => ({
  shape: [values.length],
  values: Float32Array.from(values),
});
const SHAPES = new Map([
  ['a', [2]],
  ['b', [1]],
]);

describe('control variates at a site', () => {
  it('step along g − cᵢ + c, and become the mean of g', () => {
    const server = new Map([
      [controlName('a'), array(1, 2)],
      [controlName('b'), array(-1)],
    ]);
    const own = new Map([
      ['a', array(4, 0)],
      ['b', array(1)],
    ]);
    const controls = new ControlVariates(SHAPES, server, own);
    const first = Float32Array.of(2, 4, 6);
    controls.correct(first, 0.5);
    // ½ g = 1, 2, 3; c − cᵢ = −3, 2, −2
    expect([...first]).to.deep.equal([-2, 4, 1]);
    controls.correct(Float32Array.of(3, 0, 1), 1);
    const next = controls.next(2);
    expect([...next.get('a')!.values, ...next.get('b')!.values]).to.deep.equal([2, 1, 2]);
    // frozen tensors of the model have a control of 0
    const model = new Map([...SHAPES, ['gain', [1]]]);
    const delta = controls.delta(next, model);
    expect([...delta.keys()]).to.deep.equal(['a#control', 'b#control', 'gain#control']);
    expect([...delta.values()].flatMap(({ values }) => [...values])).to.deep.equal([-2, 1, 1, 0]);
  });

  it('begin at 0 on both sides, and stay where no step was taken', () => {
    const fresh = new ControlVariates(SHAPES, new Map(), null);
    const gradient = Float32Array.of(1, 2, 3);
    fresh.correct(gradient, 1);
    expect([...gradient]).to.deep.equal([1, 2, 3]);
    const own = new Map([
      ['a', array(5, 6)],
      ['b', array(7)],
    ]);
    const idle = new ControlVariates(SHAPES, new Map(), own);
    expect([...idle.next(0).get('a')!.values]).to.deep.equal([5, 6]);
  });

  it("are the paper's option II for plain SGD: cᵢ − c + (x − y) / (K η)", () => {
    // Loss ½ (y − t)² per number, K = 4 steps at η = ¼, without momentum; all numbers exact in binary.
    const [c, ci, target, rate, steps] = [0.5, -1, 3, 0.25, 4];
    const controls = new ControlVariates(
      new Map([['a', [1]]]),
      new Map([[controlName('a'), array(c)]]),
      new Map([['a', array(ci)]]),
    );
    const plan = {
      kind: 'sgd',
      learningRate: rate,
      warmupSteps: 0,
      finalFraction: 1,
      weightDecay: 0,
    } as const;
    const sgd = createOptimizer({ ...plan, momentum: 0, clipNorm: 100 }, 1);
    const y = Float32Array.of(1);
    for (let step = 0; step < steps; step++) {
      const gradient = Float32Array.of(y[0]! - target);
      controls.correct(gradient, 1);
      sgd.step(y, gradient, rate, 1);
    }
    const optionTwo = ci - c + (1 - y[0]!) / (steps * rate);
    expect(controls.next(steps).get('a')!.values[0]).to.be.closeTo(optionTwo, 1e-6);
  });

  it('bring two sites that pull apart to the minimum of both, which FedAvg misses', () => {
    // Losses ½ a (y − t)² with curvatures a = 1 and 3 at t = −1 and 1: together least at (−1 + 3) / 4 = 0.5.
    const sites = [
      { curve: 1, target: -1 },
      { curve: 3, target: 1 },
    ];
    const train = (scaffold: boolean): number => {
      let x = 0;
      let server = 0;
      const own = [0, 0];
      for (let round = 0; round < 200; round++) {
        let moved = 0;
        let changed = 0;
        sites.forEach(({ curve, target }, i) => {
          const controls = new ControlVariates(
            new Map([['a', [1]]]),
            new Map([[controlName('a'), array(server)]]),
            new Map([['a', array(own[i]!)]]),
          );
          let y = x;
          for (let step = 0; step < 10; step++) {
            const gradient = Float32Array.of(curve * (y - target));
            if (scaffold) controls.correct(gradient, 1);
            y -= 0.1 * gradient[0]!;
          }
          moved += (y - x) / 2;
          if (!scaffold) return;
          const next = controls.next(10).get('a')!.values[0]!;
          changed += (next - own[i]!) / 2;
          own[i] = next;
        });
        x += moved;
        server += changed;
      }
      return x;
    };
    expect(train(true)).to.be.closeTo(0.5, 1e-3);
    expect(Math.abs(train(false) - 0.5)).to.be.greaterThan(0.05);
  });
});
