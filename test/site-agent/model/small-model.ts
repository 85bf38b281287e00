import type { ModelPlan } from '@fedoxnet/shared/study/plan';

/** The smallest network with every part in it: 64 pixels, P3–P6, 16 channels. */
export const SMALL_MODEL: ModelPlan = {
  backbone: 'tiny',
  size: 64,
  channels: 1,
  norm: 'group',
  levels: [3, 6],
  anchorScale: 2,
  width: 16,
  headDepth: 1,
  seed: 7,
};
