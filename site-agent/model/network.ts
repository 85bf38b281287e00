import * as tf from '@tensorflow/tfjs-core';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import { ANCHORS_PER_CELL } from './anchors.js';
import { backbone } from './backbone.js';
import { boxSubnet, classSubnet } from './detection-subnet.js';
import { attendedLogits, localAttention, normaliseAttention } from './dual-attention.js';
import { featurePyramid } from './feature-pyramid.js';
import { globalHead } from './global-head.js';
import { groupLevels, overGroups, perLevel } from './level-groups.js';
import type { OxnetOutputs } from './outputs.js';
import type { ParameterSet } from './parameters.js';

/** [B, S, S, channels] films, normalised → all that losses and evaluation need. */
export type Network = (images: tf.Tensor4D) => OxnetOutputs;

/** Declares OXnet (Luo et al. 2021, arXiv:2104.03218; oxnet.md §1) in `parameters` and returns it as a function. */
export function network(parameters: ParameterSet, plan: ModelPlan, classCount: number): Network {
  const stages = backbone(parameters.scope('backbone'), plan);
  const pyramid = featurePyramid(parameters.scope('fpn'), plan, stages.channels);
  const boxes = boxSubnet(parameters.scope('boxSubnet'), plan);
  const classes = classSubnet(parameters.scope('classSubnet'), plan, classCount);
  const activationMaps = globalHead(parameters.scope('globalHead'), stages.channels[3], classCount);

  return (images) => {
    const maps = stages.run(images);
    const features = maps[3]; // M = C5
    const groups = groupLevels(pyramid(maps));
    const logits = overGroups(classes, groups);
    const activation = activationMaps(features);
    const [, height, width] = features.shape;
    const attention = normaliseAttention(localAttention(perLevel(logits, groups), classCount, height, width));
    return {
      classLogits: anchorRows(logits, classCount),
      boxDeltas: anchorRows(overGroups(boxes, groups), 4),
      features,
      activation,
      attention,
      imageLogits: attendedLogits(activation, attention),
    };
  };
}

/** Per level or list of cells [B, h, w, A·n] → [B, N, n] in the order of the anchors: level, row, column, anchor. */
function anchorRows(maps: readonly tf.Tensor4D[], columns: number): tf.Tensor3D {
  const rows = maps.map((map) => {
    const [films, height, width] = map.shape;
    return tf.reshape(map, [films, height * width * ANCHORS_PER_CELL, columns]) as tf.Tensor3D;
  });
  return tf.concat(rows, 1);
}
