import { z } from 'zod';
import { evaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { pseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import { studyPlan } from '@fedoxnet/shared/study/plan';
import { updateMasses } from '@fedoxnet/shared/weights/roles';

/**
 * What the agent and its trainer child process say to each other. Weights and films pass as files in the site's
 * own work folder; IPC carries only paths and numbers. One command runs at a time; each ends in `done` or `failed`.
 */
const path = z.string().min(1);

export const trainerCommand = z.discriminatedUnion('kind', [
  /** Loads backend, catalogue and model once for a study. */
  z.object({
    kind: z.literal('prepare'),
    plan: studyPlan,
    data: path,
    work: path,
    /** Decoded films; `cache` in `work` when left out. */
    cache: path.optional(),
    backend: z.enum(['auto', 'gpu', 'cpu', 'wasm']),
  }),
  /**
   * Trains one round from `global` (safetensors) and writes the update (deltas, fp32) to `update`. `own`: numbers that the
   * site kept of the last round it delivered; those that it will keep of this one go to `ownNext`.
   */
  z.object({
    kind: z.literal('train'),
    round: z.number().int().min(1),
    attempt: z.number().int().min(1),
    global: path,
    update: path,
    own: path.optional(),
    ownNext: path.optional(),
  }),
  /**
   * Scores `model`, with the site's `own` norms where it has some, on the site's held-out films; the report keeps back what rests
   * on films of fewer patients.
   */
  z.object({
    kind: z.literal('evaluate'),
    round: z.number().int().min(0),
    model: path,
    suppressBelow: z.number().int().min(1),
    own: path.optional(),
  }),
]);
export type TrainerCommand = z.infer<typeof trainerCommand>;

/** Mean of each loss term since the last report; a term that no film contributed to is absent. */
export const lossTerms = z.record(z.string(), z.number());
export type LossTerms = z.infer<typeof lossTerms>;

export const trainerEvent = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('prepared'),
    backend: z.string(),
    films: z.object({
      train: z.number().int(),
      val: z.number().int(),
      box: z.number().int(),
      image: z.number().int(),
      none: z.number().int(),
    }),
  }),
  z.object({
    kind: z.literal('progress'),
    round: z.number().int(),
    step: z.number().int(),
    steps: z.number().int(),
    losses: lossTerms,
    /** The teacher's boxes of the round so far. */
    pseudo: pseudoCount.optional(),
    filmsPerSecond: z.number(),
  }),
  z.object({
    kind: z.literal('trained'),
    round: z.number().int(),
    masses: updateMasses,
    losses: lossTerms,
    pseudo: pseudoCount.optional(),
    steps: z.number().int(),
    seconds: z.number(),
    peakRssMb: z.number(),
  }),
  z.object({
    kind: z.literal('evaluated'),
    round: z.number().int(),
    report: evaluationReport,
    seconds: z.number(),
  }),
  z.object({ kind: z.literal('failed'), code: z.string(), message: z.string() }),
]);
export type TrainerEvent = z.infer<typeof trainerEvent>;
