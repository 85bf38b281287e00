import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import { HostParameters } from '@fedoxnet/site-agent/training/host-parameters';
import { ResidentParameters } from '@fedoxnet/site-agent/training/resident-parameters';
import type { Gradients, TrainedParameters } from '@fedoxnet/site-agent/training/trained-parameters';
import { skipBecause } from '../../support/skip-because.js';
import { waves } from '../model/numbers.js';

const PLAN: TrainingPlan['optimizer'] = {
  kind: 'adam',
  ...{ learningRate: 1, warmupSteps: 0, finalFraction: 1, weightDecay: 0, clipNorm: 1 },
};
const SHAPES = [[3, 3, 2, 4], [4], [5, 2]];
const LENGTH = 72 + 4 + 10;

/** One student and teacher of three variables, with the parameters that train them. */
class Trainee {
  readonly student = SHAPES.map((shape, i) => variableOf(waves(sizeOf(shape), i), shape));
  readonly teacher = SHAPES.map((shape) => variableOf(new Float32Array(sizeOf(shape)), shape));
  readonly parameters: TrainedParameters;

  constructor(make: new (...args: ConstructorParameters<typeof HostParameters>) => TrainedParameters) {
    this.parameters = new make(PLAN, this.student, this.teacher);
  }

  /** @param silent index of a variable that no loss depended on */
  step(number: number, scale: number, silent: number | null = null): number {
    const gradients: Gradients = Object.fromEntries(
      this.student.flatMap(({ name, shape, size }, i) =>
        i === silent ? [] : [[name, tf.tensor(waves(size, 10 * number + i), shape)]],
      ),
    );
    const norm = this.parameters.gradientNorm(gradients);
    this.parameters.descend(gradients, 0.01 / number, scale);
    this.parameters.average(0.9);
    tf.dispose(gradients as tf.NamedTensorMap);
    return norm;
  }

  /** What the network computes with: student and teacher, variable after variable. */
  networks(): number[][] {
    this.parameters.writeTeacher();
    return [this.student, this.teacher].map((all) => all.flatMap((variable) => [...variable.dataSync()]));
  }

  dispose(): void {
    this.parameters.dispose();
    tf.dispose([...this.student, ...this.teacher]);
  }
}

function variableOf(values: Float32Array, shape: number[]): tf.Variable {
  return tf.tidy(() => tf.variable(tf.tensor(values, shape)));
}

function sizeOf(shape: number[]): number {
  return tf.util.sizeFromShape(shape);
}

function expectAlike(found: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(found.length).to.equal(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).to.be.closeTo(expected[i]!, tolerance);
}

describe('parameters that TensorFlow keeps', () => {
  before(async function () {
    const { name, warning } = await selectBackend('auto', { threads: 1 });
    if (name === 'wasm') skipBecause(this, warning ?? 'there is no native backend');
  });

  it('go the way of parameters on the host: Adam, clipping, teacher, and variables without gradient', () => {
    const [resident, host] = [new Trainee(ResidentParameters), new Trainee(HostParameters)];
    for (const [number, scale, silent] of [
      [1, 1, null],
      [2, 0.25, null],
      [3, 1, 1],
      [4, 0.5, 1],
    ] as const) {
      expect(resident.step(number, scale, silent)).to.be.closeTo(host.step(number, scale, silent), 1e-5);
    }
    expect(resident.parameters.steps).to.equal(4);
    expectAlike(resident.parameters.values, host.parameters.values, 1e-6);
    expectAlike(resident.parameters.teacher, host.parameters.teacher, 1e-6);
    for (const [i, moment] of resident.parameters.moments.entries()) {
      expectAlike(moment, host.parameters.moments[i]!, 1e-6);
    }
    const [ours, theirs] = [resident.networks(), host.networks()];
    for (const [i, network] of ours.entries()) expectAlike(network, theirs[i]!, 1e-6);
    resident.dispose();
    host.dispose();
  });

  it('go on from vectors that were written into, bit for bit as if they had never stopped', () => {
    const whole = new Trainee(ResidentParameters);
    whole.step(1, 1);
    const { values, teacher, moments, steps } = whole.parameters;
    const kept = [values, teacher, ...moments].map((vector) => vector.slice());
    whole.step(2, 0.5);

    const resumed = new Trainee(ResidentParameters);
    const vectors = [resumed.parameters.values, resumed.parameters.teacher, ...resumed.parameters.moments];
    for (const [i, vector] of vectors.entries()) vector.set(kept[i]!);
    resumed.parameters.steps = steps;
    resumed.parameters.restored();
    resumed.step(2, 0.5);

    expect(resumed.networks()).to.deep.equal(whole.networks());
    expect(resumed.parameters.moments).to.deep.equal(whole.parameters.moments);
    expect(whole.parameters.values).to.have.length(LENGTH);
    whole.dispose();
    resumed.dispose();
  });

  it('say so when a gradient is not finite', () => {
    const trainee = new Trainee(ResidentParameters);
    const [first] = trainee.student as [tf.Variable];
    const bad = tf.fill(first.shape, NaN);
    expect(trainee.parameters.gradientNorm({ [first.name]: bad })).to.be.NaN;
    bad.dispose();
    trainee.dispose();
  });

  it('leave no tensor behind', () => {
    const before = tf.memory().numTensors;
    const trainee = new Trainee(ResidentParameters);
    const running = tf.memory().numTensors;
    trainee.step(1, 0.5);
    trainee.networks();
    expect(tf.memory().numTensors).to.equal(running);
    trainee.dispose();
    expect(tf.memory().numTensors).to.equal(before);
  });
});
