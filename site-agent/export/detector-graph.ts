import * as tf from '@tensorflow/tfjs-core';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { anchorGrid } from '../model/anchors.js';
import { BOX_CODE_SCALES, LARGEST_GROWTH } from '../model/box-codec.js';
import { Oxnet } from '../model/oxnet.js';
import { FILM_NORMALISATION } from '../training/film-normalisation.js';
import { recordGraph } from './graph-recorder.js';
import { gatherPerFilm } from './per-film-gather.js';
import { nodesInOrder, type RecordedGraph } from './recorded-graph.js';

/**
 * Films of the recorded pass. The graph leaves their number open, so any would do; with a prime that is no side of
 * anything else, whatever depends on it is found out (`refuseBatch`).
 */
const RECORDED_BATCH = 1009;

/** A model as it is exported. */
export interface DetectorModel {
  readonly plan: ModelPlan;
  readonly classes: readonly string[];
  readonly weights: WeightMap;
}

/**
 * What an exported model computes, from plain grey films to what a user needs of them. B films, S their side, N anchors,
 * K classes:
 *
 *     films [B, S, S, 1], grey 0 … 255   →   classScores [B, N, K]  sigmoid, 0 … 1
 *                                            boxes       [B, N, 4]  x1, y1, x2, y2 in pixels of the input, clipped to it
 *                                            boxDeltas   [B, N, 4]  the box code before it is decoded (`box-codec.ts`)
 *                                            imageLogits [B, K]     disease present in the film, before the sigmoid
 * @throws {FederationError} `WEIGHTS_INVALID` when the weights do not fit the network
 */
export async function detectorGraph({ plan, classes, weights }: DetectorModel): Promise<RecordedGraph> {
  const graph = await recordGraph((recorder) => {
    const model = new Oxnet(plan, classes.length, weights);
    try {
      for (const [name, variable] of model.variables) recorder.nameConstant(variable, name);
      const films = recorder.input('films', [RECORDED_BATCH, plan.size, plan.size, 1]);
      const { classLogits, boxDeltas, imageLogits } = model.forward(normalised(films, plan.channels));
      return recorder.graph({
        classScores: tf.sigmoid(classLogits),
        boxes: decodedBoxes(boxDeltas, plan),
        boxDeltas,
        imageLogits,
      });
    } finally {
      model.dispose();
    }
  });
  const open = gatherPerFilm(graph, RECORDED_BATCH);
  refuseBatch(open);
  return open;
}

/** A constant made for the recorded number of films would be wrong for any other. */
function refuseBatch(graph: RecordedGraph): void {
  for (const node of nodesInOrder(graph)) {
    if (node.kind !== 'constant' || node.values.length % RECORDED_BATCH !== 0) continue;
    throw new Error(`a constant [${node.shape.join(', ')}] depends on the number of films`);
  }
}

/** (films / 255 − mean) / deviation: [B, S, S, 1] → [B, S, S, C]; grey is repeated where there are three channels. */
function normalised(films: tf.Tensor, channels: 1 | 3): tf.Tensor4D {
  const { mean, deviation } = FILM_NORMALISATION[channels];
  const slope = tf.tensor1d(deviation.map((d) => 1 / (255 * d)));
  const offset = tf.tensor1d(mean.map((m, c) => -m / deviation[c]!));
  return tf.add(tf.mul(films, slope), offset);
}

/** `decodeBox` of `model/box-codec.ts` for all anchors at once. [B, N, 4] → [B, N, 4] */
function decodedBoxes(deltas: tf.Tensor3D, plan: ModelPlan): tf.Tensor {
  const { boxes, count } = anchorGrid(plan);
  const [low, high] = tf.split(tf.tensor2d(boxes, [count, 4]), 2, 1); // [N, 2] each
  const centre = tf.mul(tf.add(low!, high!), 0.5);
  const side = tf.sub(high!, low!);
  const [shift, growth] = tf.split(tf.mul(deltas, tf.tensor1d([...BOX_CODE_SCALES])), 2, 2); // [B, N, 2] each
  const middle = tf.add(centre, tf.mul(shift!, side));
  const half = tf.mul(tf.mul(side, tf.exp(tf.minimum(growth!, LARGEST_GROWTH))), 0.5);
  const corners = tf.concat([tf.sub(middle, half), tf.add(middle, half)], 2);
  return tf.minimum(tf.maximum(corners, 0), plan.size);
}
