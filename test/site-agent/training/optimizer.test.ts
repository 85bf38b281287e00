import { clipScale, createOptimizer, globalNorm } from '@fedoxnet/site-agent/training/optimizer';
import { updateTeacher } from '@fedoxnet/site-agent/training/mean-teacher';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const PLAN = { learningRate: 1, warmupSteps: 0, finalFraction: 1, weightDecay: 0, clipNorm: 1 };

describe('Adam', () => {
  it('moves by the rate against the sign in its first step, however large the gradient', () => {
    const adam = createOptimizer({ ...PLAN, kind: 'adam' }, 2);
    const values = Float32Array.of(1, 1);
    adam.step(values, Float32Array.of(1000, -0.001), 0.1, 1);
    expect(values[0]).to.be.closeTo(0.9, 1e-6);
    expect(values[1]).to.be.closeTo(1.1, 1e-5);
  });

  it('follows Algorithm 1 over two steps', () => {
    const adam = createOptimizer({ ...PLAN, kind: 'adam' }, 1);
    const values = Float32Array.of(0);
    adam.step(values, Float32Array.of(2), 0.1, 1);
    adam.step(values, Float32Array.of(-1), 0.1, 1);
    // m = 0.9 · 0.2 − 0.1 = 0.08, v = 0.999 · 0.004 + 0.001 = 0.004996
    const second = (0.1 * (0.08 / 0.19)) / Math.sqrt(0.004996 / 0.001999);
    expect(values[0]).to.be.closeTo(-0.1 - second, 1e-6);
  });

  it('takes a shorter step on a gradient below the plan’s ε', () => {
    const adam = createOptimizer({ ...PLAN, kind: 'adam', epsilon: 0.001 }, 2);
    const values = Float32Array.of(0, 0);
    adam.step(values, Float32Array.of(1, 0.001), 0.1, 1);
    expect(values[0]).to.be.closeTo(-0.1 / 1.001, 1e-6);
    expect(values[1]).to.be.closeTo(-0.05, 1e-6);
  });

  it('leaves a parameter without gradient as it is, weight decay or not', () => {
    const adam = createOptimizer({ ...PLAN, kind: 'adam', weightDecay: 0.5 }, 2);
    const values = Float32Array.of(3, 3);
    adam.step(values, Float32Array.of(0, 1), 0.1, 1);
    expect(values[0]).to.equal(3);
    expect(values[1]).to.be.closeTo(3 * 0.95 - 0.1, 1e-6);
  });
});

describe('SGD', () => {
  it('adds 0.9 of the last velocity', () => {
    const sgd = createOptimizer({ ...PLAN, kind: 'sgd' }, 1);
    const values = Float32Array.of(0);
    sgd.step(values, Float32Array.of(1), 0.1, 1);
    sgd.step(values, Float32Array.of(1), 0.1, 1);
    expect(values[0]).to.be.closeTo(-0.1 - 0.19, 1e-6);
  });

  it('takes the plan’s momentum, and looks ahead as PyTorch’s nesterov does', () => {
    const sgd = createOptimizer({ ...PLAN, kind: 'sgd', momentum: 0.5, nesterov: true }, 1);
    const values = Float32Array.of(0);
    sgd.step(values, Float32Array.of(1), 0.1, 1); // u = 1, by 1 + 0.5 · 1
    expect(values[0]).to.be.closeTo(-0.15, 1e-6);
    sgd.step(values, Float32Array.of(1), 0.1, 1); // u = 1.5, by 1 + 0.5 · 1.5
    expect(values[0]).to.be.closeTo(-0.325, 1e-6);
  });
});

describe('clipping', () => {
  it('brings the global norm down to the limit and leaves smaller ones alone', () => {
    expect(globalNorm(Float32Array.of(3, 4))).to.equal(5);
    expect(clipScale(5, 2)).to.equal(0.4);
    expect(clipScale(5, 5)).to.equal(1);
    expect(clipScale(4.9, 5)).to.equal(1);
  });

  it('sees a gradient that is not finite', () => {
    expect(globalNorm(Float32Array.of(1, NaN))).to.be.NaN;
    expect(globalNorm(Float32Array.of(1, -Infinity))).to.equal(Infinity);
  });
});

describe('mean teacher', () => {
  it('keeps the decay’s share of itself', () => {
    const teacher = Float32Array.of(1, 2);
    updateTeacher(teacher, Float32Array.of(5, 2), 0.75);
    expect([...teacher]).to.deep.equal([2, 2]);
  });
});
