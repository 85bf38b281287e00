import { z } from 'zod';
import { sha256Hex, shortName } from '../ids.js';
import { updateMasses } from '../weights/roles.js';
import { crossSite } from './cross-site.js';
import { pseudoCount } from './pseudo-count.js';
import { siteDescription } from './socket-messages.js';

/** What people see of a study: the dashboard, `study status --json` and the demo read the same document. */
export const ROUND_STATES = [
  'inviting',
  'training',
  'aggregating',
  'evaluating',
  'published',
  'failed',
] as const;
export const SITE_ROUND_STATES = [
  'invited',
  'accepted',
  'training',
  'uploading',
  'uploaded',
  'counted',
  'late',
  'waiting',
  'postponed',
  'declined',
  'failed',
  'missing',
] as const;

/** How far a site came in a round, in this order. */
export const PARTICIPATION_STAGES = ['invited', 'accepted', 'trained', 'uploaded', 'counted'] as const;

const apOfClass = z.object({
  class: z.string(),
  films: z.number().int(),
  truths: z.number().int(),
  /** Mean over IoU .40:.05:.75; null when the class has no true box in any held-out film, as are the others. */
  ap: z.number().nullable(),
  ap40: z.number().nullable(),
  ap50: z.number().nullable(),
  ap75: z.number().nullable(),
});
export const roundMetrics = z.object({
  mean: z.object({
    ap: z.number().nullable(),
    ap40: z.number().nullable(),
    ap50: z.number().nullable(),
    ap75: z.number().nullable(),
  }),
  perClass: z.array(apOfClass),
});
export type RoundMetrics = z.infer<typeof roundMetrics>;

export const siteRound = z.object({
  site: shortName,
  state: z.enum(SITE_ROUND_STATES),
  /** Why a site is not counted. */
  reason: z.string().nullable(),
  /** When it reached each stage, ISO 8601; a stage that it did not reach is absent. */
  stages: z.partialRecord(z.enum(PARTICIPATION_STAGES), z.string()),
  /** The earlier round that its update was made for, when it was carried over. */
  carriedFrom: z.number().int().nullable(),
  /** Of all training films of the study's sites; null before the collection ended, or when the site never described itself. */
  filmShare: z.number().nullable(),
  step: z.number().int(),
  steps: z.number().int(),
  losses: z.record(z.string(), z.number()),
  /** Points of the curve, thinned to at most 200 per round. */
  curve: z.array(z.object({ step: z.number().int(), losses: z.record(z.string(), z.number()) })),
  filmsPerSecond: z.number(),
  /** What became of the teacher's boxes; null when it was not asked, or nothing was heard of it. */
  pseudo: pseudoCount.nullable(),
  masses: updateMasses.nullable(),
  uploadBytes: z.number().int(),
});
export type SiteRound = z.infer<typeof siteRound>;

export const roundStatus = z.object({
  round: z.number().int(),
  attempt: z.number().int(),
  state: z.enum(ROUND_STATES),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
  /** Seconds spent in each phase so far. */
  seconds: z.record(z.string(), z.number()),
  sites: z.array(siteRound),
  metrics: roundMetrics.nullable(),
  release: z.object({ number: z.number().int(), digest: sha256Hex, bytes: z.number().int() }).nullable(),
});
export type RoundStatus = z.infer<typeof roundStatus>;

export const siteStatus = z.object({
  site: shortName,
  connected: z.boolean(),
  approved: z.boolean(),
  description: siteDescription.nullable(),
  bytesSent: z.number().int(),
  bytesReceived: z.number().int(),
});

/** A round ended without a site that holds a large share of the films and gave no reason. */
export const notice = z.object({
  round: z.number().int(),
  site: shortName,
  filmShare: z.number(),
  reason: z.string(),
});
export type Notice = z.infer<typeof notice>;

export const STUDY_STATES = ['created', 'running', 'paused', 'finished', 'cancelled', 'failed'] as const;
export const studyStatus = z.object({
  study: shortName,
  title: z.string(),
  state: z.enum(STUDY_STATES),
  reason: z.string().nullable(),
  planHash: sha256Hex,
  classes: z.array(z.string()),
  rounds: z.number().int(),
  sites: z.array(siteStatus),
  /** What a person should look at, latest first. */
  notices: z.array(notice),
  /** Of the latest release that was scored; earlier ones: GET /v1/studies/:study/rounds/:round/scores. */
  crossSite: crossSite.nullable(),
  history: z.array(roundStatus),
});
export type StudyStatus = z.infer<typeof studyStatus>;
