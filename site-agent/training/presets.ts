import type { StudyPlan } from '@fedoxnet/shared/study/plan';

export interface TinyPlanOptions {
  readonly study: string;
  readonly title?: string;
  readonly classes: readonly string[];
  readonly sites: readonly string[];
  readonly rounds: number;
  readonly localSteps: number;
  /** Side of a film in pixels, a multiple of 32. */
  readonly size: number;
  readonly seed: number;
  /** Default: all sites. */
  readonly quorum?: number;
  readonly roundDeadlineSeconds?: number;
}

/** IoU .40 … .75 in steps of .05 (oxnet.md D15). */
const IOUS = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75];

/** OXnet small enough to learn from scratch on two CPU cores: the tiny backbone with GroupNorm, one grey channel. */
export function tinyPlan(options: TinyPlanOptions): StudyPlan {
  const { study, classes, sites, rounds, localSteps, size, seed } = options;
  return {
    version: 1,
    study,
    title: options.title ?? study,
    classes: [...classes],
    rounds,
    sites: [...sites],
    quorum: options.quorum ?? sites.length,
    roundDeadlineSeconds: options.roundDeadlineSeconds ?? 3600,
    model: {
      backbone: 'tiny',
      size,
      channels: 1,
      norm: 'group',
      levels: [3, 7],
      anchorScale: 2,
      width: 64,
      headDepth: 2,
      seed,
    },
    training: {
      localSteps,
      batch: { box: 4, image: 2, none: 2 },
      optimizer: {
        kind: 'adam',
        learningRate: 2e-3,
        warmupSteps: 20,
        finalFraction: 0.1,
        weightDecay: 0,
        epsilon: 1e-3,
        clipNorm: 5,
      },
      // The heart's side is a finding, so films are not mirrored.
      augmentation: { photometric: 0.5, flip: false, jitter: 0.1 },
      // At weight 1 the losses without a place, and pseudo boxes, undo in a site without boxes what the others taught it
      // (README.md, figures).
      losses: {
        focal: 1,
        regression: 1,
        image: 0.2,
        intra: 0.2,
        inter: 0.2,
        soft: 1,
        softRegression: 0,
        teacherFromRound: Math.min(3, rounds),
        rampFraction: 0.25,
      },
      teacher: { decay: 0.99, keepScore: 0.5 },
    },
    aggregation: { strategy: 'supervision-aware', prototypeDecay: 0.7 },
    evaluation: { ious: IOUS },
  };
}
