import { z } from 'zod';
import { roundMetrics } from '@fedoxnet/shared/protocol/status';

/** A release on the held-out films. */
export const evaluation = z.strictObject({
  round: z.number().int().min(0),
  /** Of all hospitals of the yardstick together. */
  all: roundMetrics,
  bySite: z.record(z.string(), roundMetrics),
});
export type Evaluation = z.infer<typeof evaluation>;

export const roundRecord = z.strictObject({
  round: z.number().int().min(1),
  /** SHA-256 of the release that it made. */
  digest: z.string(),
  /** Means of each loss term over the round, by hospital. */
  losses: z.record(z.string(), z.record(z.string(), z.number())),
  /** Optimiser steps of all hospitals together. */
  steps: z.number().int(),
  seconds: z.strictObject({ training: z.number(), exchange: z.number(), evaluation: z.number() }),
});
export type RoundRecord = z.infer<typeof roundRecord>;

/** What is kept of a training: enough to go on after any round, and all of it at the end. */
export const cellRecord = z.strictObject({
  version: z.literal(1),
  /** Names all that decides the releases: of another key it counts as not there. */
  key: z.string(),
  /** Names what they were scored on, and how often. */
  yardstick: z.string(),
  name: z.string(),
  run: z.string(),
  value: z.number().nullable(),
  seed: z.number().int(),
  sites: z.array(z.string()),
  /** Digest of the model that it began with. */
  first: z.string(),
  rounds: z.array(roundRecord),
  evaluations: z.array(evaluation),
  /** Largest of a worker so far. */
  peakRssMb: z.number(),
});
export type CellRecord = z.infer<typeof cellRecord>;
