import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'chai';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { decodeBoxes } from '@fedoxnet/site-agent/model/box-codec';
import { freshModel, Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { imageTensor } from '@fedoxnet/site-agent/training/image-tensor';
import { waves } from '../model/numbers.js';

interface Output {
  readonly shape: number[];
  readonly values: number[];
}

/** What a program without our code got out of an exported model. */
export interface Answer {
  readonly backend: string;
  readonly metadata: {
    readonly classes: string[];
    readonly size: number;
    readonly release: string;
    readonly anchors: { readonly count: number };
  };
  readonly outputs: Readonly<Record<'classScores' | 'boxes' | 'boxDeltas' | 'imageLogits', Output>>;
}

/** Weights as if trained: nothing is zero, scores and boxes differ from anchor to anchor. */
export function trainedWeights(plan: ModelPlan, classCount: number): WeightMap {
  const { weights } = freshModel(plan, classCount);
  let phase = 0;
  for (const { shape, values } of weights.values()) {
    const inputs = shape.slice(0, -1).reduce((product, side) => product * side, 1);
    const noise = waves(values.length, phase++, 0.2 / Math.sqrt(inputs)); // activations keep their size
    values.forEach((value, i) => (values[i] = value + noise[i]!));
  }
  weights.get('classSubnet.output.bias')!.values.fill(-1);
  return weights;
}

/** Films of [S · S] grey 0 … 255, each another. */
export function wavyFilms(count: number, size: number): Uint8Array[] {
  return Array.from({ length: count }, (_, film) =>
    Uint8Array.from(waves(size ** 2, film, 127), (value) => Math.round(value + 128)),
  );
}

/** The films as a stranger's program is given them. */
export function filmsMessage(
  films: readonly Uint8Array[],
  size: number,
): { shape: number[]; films: number[] } {
  return { shape: [films.length, size, size, 1], films: films.flatMap((film) => [...film]) };
}

/** Every output equals that of our own network to 1e-5, of its size where that is above 1. */
export function expectOurOutputs(
  outputs: Answer['outputs'],
  films: readonly Uint8Array[],
  { plan, classCount, weights }: { plan: ModelPlan; classCount: number; weights: WeightMap },
): void {
  const grid = anchorGrid(plan);
  const network = new Oxnet(plan, classCount, weights);
  const ours = network.forward(imageTensor(films, plan.size, plan.channels));
  const scores = tf.sigmoid(ours.classLogits).dataSync();
  expect(Math.max(...scores) - Math.min(...scores)).to.be.above(0.01); // else any graph would do
  const deltas = ours.boxDeltas.dataSync() as Float32Array;
  const boxes = films.flatMap((_, film) => {
    const row = deltas.subarray(film * grid.count * 4, (film + 1) * grid.count * 4);
    return [...decodeBoxes(grid.boxes, row, plan.size)];
  });
  const expected = {
    classScores: { shape: [films.length, grid.count, classCount], values: scores },
    boxes: { shape: [films.length, grid.count, 4], values: boxes },
    boxDeltas: { shape: ours.boxDeltas.shape, values: deltas },
    imageLogits: { shape: [films.length, classCount], values: ours.imageLogits.dataSync() },
  };
  for (const name of ['classScores', 'boxes', 'boxDeltas', 'imageLogits'] as const) {
    expect(outputs[name].shape, name).to.deep.equal(expected[name].shape);
    expect(difference(outputs[name].values, expected[name].values), name).to.be.below(1e-5);
  }
  tf.dispose({ ...ours });
  network.dispose();
}

/** max |a − b|, in parts of the largest |b| where that is above 1. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).to.equal(b.length);
  let [worst, scale] = [0, 1];
  for (let i = 0; i < a.length; i++) {
    worst = Math.max(worst, Math.abs(a[i]! - b[i]!));
    scale = Math.max(scale, Math.abs(b[i]!));
  }
  return worst / scale;
}
