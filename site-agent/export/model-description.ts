import { DETECTION_DEFAULTS } from '../evaluation/detect.js';
import type { ReleasedModel } from '../evaluation/model-file.js';
import { ANCHOR_RATIOS, ANCHOR_SCALES, anchorGrid } from '../model/anchors.js';
import { BOX_CODE_SCALES } from '../model/box-codec.js';

/**
 * What a user of an exported model must know to run it without our code: what goes in, what comes out, how its boxes
 * are told apart. Plain JSON, carried in the model's `userDefinedMetadata.fedoxnet`.
 */
export function modelDescription({ plan, classes, metadata }: ReleasedModel) {
  const { count, levels } = anchorGrid(plan);
  return {
    format: 'fedoxnet-graph-1',
    study: metadata['study'] ?? null,
    release: metadata['release'] ?? null,
    classes,
    size: plan.size,
    backbone: plan.backbone,
    input: {
      films: {
        shape: ['batch', plan.size, plan.size, 1],
        dtype: 'float32',
        values:
          'grey 0 to 255: stretched from the darkest to the brightest value of the film, bright bone, black air; ' +
          'scaled to fit, centred, black beside it',
      },
    },
    outputs: {
      classScores: {
        shape: ['batch', count, classes.length],
        values: 'score of each class at each anchor, 0 to 1',
      },
      boxes: { shape: ['batch', count, 4], values: 'x1, y1, x2, y2 in pixels of the input, clipped to it' },
      boxDeltas: {
        shape: ['batch', count, 4],
        values: '(dx, dy, log dw, log dh) / scales, relative to the anchors',
      },
      imageLogits: {
        shape: ['batch', classes.length],
        values: 'class present in the film, before the sigmoid',
      },
    },
    anchors: {
      count,
      order: 'level, row, column, ratio, scale',
      ratios: ANCHOR_RATIOS,
      scales: ANCHOR_SCALES,
      deltaScales: BOX_CODE_SCALES,
      levels: levels.map(({ level, stride, cells, first }) => ({
        ...{ level, stride, cells, first },
        base: plan.anchorScale * stride,
      })),
    },
    suppression: { perClass: true, ...DETECTION_DEFAULTS },
    notice: 'Research software, not a medical device.',
  };
}
