import { z } from 'zod';
import { aggregationPlan } from './aggregation-plan.js';
import { driftPlan } from './drift-plan.js';
import { evaluationPlan } from './evaluation-plan.js';
import { labelNames } from './label-names.js';
import { stagesPlan } from './stage-plan.js';
import { teacherPlan } from './teacher-plan.js';
import { transferPlan } from './transfer-plan.js';

/**
 * A study's plan: all that decides what a site computes. It is frozen when the study is created and known by the
 * SHA-256 of its canonical JSON (`plan-hash.ts`); a site computes nothing before it approved that hash.
 */
const name = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens, at most 63');
const className = z.string().min(1).max(64);
const positive = z.number().positive();
const whole = z.number().int().min(1);

export const modelPlan = z.strictObject({
  backbone: z.enum(['tiny', 'resnet18', 'resnet34', 'resnet50', 'resnet101']),
  /** Films are letterboxed to size × size pixels. */
  size: z.number().int().min(64).max(1024).multipleOf(32),
  /** 1 for grey films; 3 repeats the grey channel for backbones pretrained on colour. */
  channels: z.union([z.literal(1), z.literal(3)]),
  norm: z.enum(['group', 'frozen']),
  /** Lowest and highest pyramid level, P3–P7 by default, P2–P7 for parity with the paper's code. */
  levels: z.tuple([z.number().int().min(2).max(3), z.number().int().min(5).max(7)]),
  /** Anchor base size in strides of its level: 4 in the paper (P3: 32 px), smaller where films are small. */
  anchorScale: positive,
  /** Channels of the pyramid and of both subnets. */
  width: z.number().int().min(16).max(256).multipleOf(8),
  /** 3×3 convolutions before the output of each subnet. */
  headDepth: z.number().int().min(1).max(4),
  seed: z.number().int().min(0),
});
export type ModelPlan = z.infer<typeof modelPlan>;

export const trainingPlan = z.strictObject({
  /** Optimiser steps per site and round. */
  localSteps: whole,
  /** Films of each supervision in a mini-batch; a site without one kind fills its share from the others. */
  batch: z.strictObject({
    box: z.number().int().min(0),
    image: z.number().int().min(0),
    none: z.number().int().min(0),
  }),
  optimizer: z.strictObject({
    kind: z.enum(['adam', 'sgd']),
    learningRate: positive,
    /** Linear warm-up at the start of the study's first round, in steps. */
    warmupSteps: z.number().int().min(0),
    /** The rate falls by a half cosine over all rounds to this fraction of itself. */
    finalFraction: z.number().min(0).max(1),
    weightDecay: z.number().min(0),
    /** SGD's μ, 0.9 when left out, and whether it looks ahead (Nesterov). */
    momentum: z.number().min(0).lt(1).optional(),
    nesterov: z.boolean().optional(),
    /** Adam's ε, 1e-8 when left out. A larger one lets weak gradients, as of a site without boxes, take shorter steps. */
    epsilon: positive.optional(),
    clipNorm: positive,
  }),
  augmentation: z.strictObject({
    /** Probability of the photometric operation and cutout of the student (oxnet.md §3). */
    photometric: z.number().min(0).max(1),
    /**
     * `varied`, the default: strengths drawn anew each time, with gamma for colour, which a grey film has not. `paper`: the fixed
     * strengths of the paper's code, its autocontrast without tails and its colour operation, which changes nothing here.
     */
    operations: z.enum(['varied', 'paper']).optional(),
    flip: z.boolean(),
    /** Random shift and zoom of the student's film and boxes, as a fraction of the side; 0 turns it off. */
    jitter: z.number().min(0).max(0.5),
  }),
  /** Left out: sites train apart, as in FedAvg. */
  drift: driftPlan.optional(),
  /**
   * `local`: gains and offsets of the norms stay at each site and are never sent (FedBN, Li et al. 2021, arXiv:2102.07623,
   * found by what they are, not by name); releases keep the first model's. Left out: shared like all weights.
   */
  norms: z.enum(['local', 'shared']).optional(),
  losses: z.strictObject({
    focal: z.number().min(0),
    regression: z.number().min(0),
    image: z.number().min(0),
    intra: z.number().min(0),
    inter: z.number().min(0),
    /** Penalty on the nearness of a feature to another class's prototype (oxnet.md D1); `hinge` when left out. */
    interPenalty: z.enum(['hinge', 'quartic']).optional(),
    /**
     * How the global map becomes one score per class: `attention`, the default, is the dual attention alignment of the
     * paper; `mean` averages over the film, a plain classifier to compare with.
     */
    imagePooling: z.enum(['attention', 'mean']).optional(),
    soft: z.number().min(0),
    softRegression: z.number().min(0),
    /** Rounds before this one (1-based) train without the unsupervised terms: the teacher knows nothing yet. */
    teacherFromRound: whole,
    /** Share of one round's steps over which the unsupervised terms ramp up, exp(−5(1−t)²). */
    rampFraction: z.number().min(0).max(1),
  }),
  teacher: teacherPlan,
  /** Which films teach in which rounds; all in all rounds when left out. */
  stages: stagesPlan.optional(),
});
export type TrainingPlan = z.infer<typeof trainingPlan>;

export const studyPlan = z.strictObject({
  version: z.literal(1),
  study: name,
  title: z.string().max(200),
  /** The order is the class index everywhere: heads, masses, reports. */
  classes: z.array(className).min(1).max(64),
  /** Other names under which sites' catalogues may list a class. */
  labels: labelNames.optional(),
  rounds: whole,
  sites: z.array(name).min(1),
  /** A round closes when this many sites delivered and the deadline passed, or when all have. */
  quorum: whole,
  /** The longest a round may take; it closes earlier by the sites' measured pace. */
  roundDeadlineSeconds: positive,
  /**
   * What becomes of an update that comes after its round has closed: it is lost (`drop`, also when left out), or counted
   * in the next round (`carry`), as the same change to a model one round older.
   */
  stragglers: z.enum(['drop', 'carry']).optional(),
  model: modelPlan,
  training: trainingPlan,
  aggregation: aggregationPlan,
  transfer: transferPlan.optional(),
  evaluation: evaluationPlan,
});
export type StudyPlan = z.infer<typeof studyPlan>;

/** Whether a site keeps numbers of its own from round to round, control variates or norms. */
export function keepsOwn({ training }: Pick<StudyPlan, 'training'>): boolean {
  return training.drift?.method === 'scaffold' || training.norms === 'local';
}
