import * as tf from '@tensorflow/tfjs-core';
import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { OxnetOutputs } from '../model/outputs.js';
import { boxRegressionLoss } from './box-regression-loss.js';
import type { DetectionTargets } from './detection-targets.js';
import { focalLoss } from './focal-loss.js';
import { imageLoss } from './image-loss.js';
import { categoryFeatures, prototypeLoss } from './prototype-loss.js';
import type { Prototypes } from './prototypes.js';
import { softFocalLoss } from './soft-focal-loss.js';

/** Terms of OXnet's loss, in the order of oxnet.md §2.5; they are the keys of `plan.training.losses` and of every report. */
export const LOSS_TERMS = [
  'focal',
  'regression',
  'soft',
  'softRegression',
  'image',
  'intra',
  'inter',
] as const;
export type LossTerm = (typeof LOSS_TERMS)[number];

/** Everything one step knows before the student runs. Null: no film of the batch has that kind of evidence. */
export interface StepTargets {
  readonly boxes: DetectionTargets | null;
  readonly teacher: DetectionTargets | null;
  readonly image: ImageTargets | null;
  readonly prototypes: Prototypes;
}

export interface ImageTargets {
  /** [B · K] 1 present. */
  readonly labels: Float32Array;
  /** [B · K] 1 / known labels of the batch, or 0. */
  readonly weights: Float32Array;
  /** [B · K] 1 where the class is known to be present. */
  readonly positive: Uint8Array;
}

export interface TotalLoss {
  /** Σ weight · term. */
  readonly total: tf.Scalar;
  /** The terms some film contributed to, unweighted. */
  readonly terms: ReadonlyMap<LossTerm, tf.Scalar>;
  /** [B, K, D] category features, for the prototype update; null without known labels. */
  readonly features: tf.Tensor3D | null;
}

/**
 * L = FL + REG + λ (SFL + REG_pseudo) + L_glob + L_intra + L_inter, each by its weight in the plan (oxnet.md §2.5).
 * Only terms that the targets feed and that the plan weighs are computed. Runs under the caller's tape and tidy.
 * @param ramp λ, the ramp of D5: 0 … 1
 */
export function totalLoss(
  outputs: OxnetOutputs,
  targets: StepTargets,
  weights: TrainingPlan['losses'],
  ramp: number,
): TotalLoss {
  const terms = new Map<LossTerm, tf.Scalar>();
  const shape = outputs.classLogits.shape;
  const [films, , classes] = shape;

  const { boxes, teacher, image, prototypes } = targets;
  if (boxes !== null && weights.focal > 0) {
    const y = tf.tensor3d(boxes.targets, shape);
    terms.set('focal', focalLoss(outputs.classLogits, y, tf.tensor3d(boxes.weights, shape)));
  }
  if (boxes !== null && boxes.rows.length > 0 && weights.regression > 0) {
    terms.set('regression', regression(outputs, boxes));
  }
  if (teacher !== null && weights.soft > 0) {
    const y = tf.tensor3d(teacher.targets, shape);
    terms.set('soft', softFocalLoss(outputs.classLogits, y, tf.tensor3d(teacher.weights, shape)));
  }
  if (teacher !== null && teacher.rows.length > 0 && weights.softRegression > 0) {
    terms.set('softRegression', regression(outputs, teacher));
  }
  let features: tf.Tensor3D | null = null;
  if (image !== null) {
    const labels = tf.tensor2d(image.labels, [films, classes]);
    const known = tf.tensor2d(image.weights, [films, classes]);
    if (weights.image > 0) terms.set('image', imageLoss(filmLogits(outputs, weights), labels, known));
    features = categoryFeatures(outputs.features, outputs.attention);
    if (weights.intra > 0 || weights.inter > 0) {
      const values = tf.tensor2d(prototypes.values.slice(), [prototypes.classes, prototypes.channels]);
      const { intra, inter } = prototypeLoss(
        features,
        values,
        image.positive,
        prototypes.known,
        weights.interPenalty,
      );
      if (intra !== null && weights.intra > 0) terms.set('intra', intra);
      if (inter !== null && weights.inter > 0) terms.set('inter', inter);
    }
  }

  // No term at all leaves the tape connected, with gradients of zero.
  let total = tf.mul(tf.sum(outputs.imageLogits), 0) as tf.Scalar;
  for (const [term, value] of terms) {
    const factor = weights[term] * (term === 'soft' || term === 'softRegression' ? ramp : 1);
    total = tf.add(total, tf.mul(value, factor));
  }
  return { total, terms, features };
}

/** [B, K] s: the global map X weighed by the local attention, or its plain mean over the film (oxnet.md §1.5). */
function filmLogits(outputs: OxnetOutputs, weights: TrainingPlan['losses']): tf.Tensor2D {
  if (weights.imagePooling !== 'mean') return outputs.imageLogits;
  const [, height, width] = outputs.activation.shape;
  return tf.div(tf.sum(outputs.activation, [1, 2]), height * width);
}

function regression(outputs: OxnetOutputs, targets: DetectionTargets): tf.Scalar {
  return boxRegressionLoss(
    outputs.boxDeltas,
    tf.tensor1d(targets.rows, 'int32'),
    tf.tensor2d(targets.codes, [targets.rows.length, 4]),
    tf.tensor1d(targets.rowWeights),
  );
}
