import { z } from 'zod';
import { pseudoCount } from './pseudo-count.js';
import { lineOfText, numberFrom, sha256Hex, shortName } from '../ids.js';

/** Control messages of the site namespace `/sites`. The handshake carries `auth: { token, protocol }`. PROTOCOL.md §5. */
export const roundInvitation = z.object({
  study: shortName,
  planHash: sha256Hex,
  round: numberFrom(1),
  attempt: numberFrom(1),
  /** The release to start from, and the digest of its plaintext. */
  release: numberFrom(0),
  digest: sha256Hex,
  deadline: z.string(),
});
export type RoundInvitation = z.infer<typeof roundInvitation>;

export const invitationReply = z.discriminatedUnion('accepted', [
  z.object({ accepted: z.literal(true) }),
  z.object({ accepted: z.literal(false), code: z.string(), message: z.string().max(500) }),
]);
export type InvitationReply = z.infer<typeof invitationReply>;

export const evaluationInvitation = z.object({
  study: shortName,
  round: numberFrom(0),
  /** Of the round: messages about the scoring name it. */
  attempt: numberFrom(1),
  release: numberFrom(0),
  digest: sha256Hex,
});
export type EvaluationInvitation = z.infer<typeof evaluationInvitation>;

/** Terms of a training objective: a handful, and room for more. */
const MAX_LOSSES = 64;

export const roundProgress = z.object({
  study: shortName,
  round: numberFrom(0),
  attempt: numberFrom(1),
  phase: z.enum(['download', 'train', 'upload', 'evaluate']),
  step: numberFrom(0),
  steps: numberFrom(0),
  losses: z
    .record(lineOfText(40), z.number())
    .refine((losses) => Object.keys(losses).length <= MAX_LOSSES, 'too many losses'),
  /** What became of the teacher's boxes in the round so far. */
  pseudo: pseudoCount.optional(),
  filmsPerSecond: z.number().min(0).max(1e6),
  /** Since the agent started, over the wire as sealed. */
  bytesSent: z.number().int().min(0),
  bytesReceived: z.number().int().min(0),
});
export type RoundProgress = z.infer<typeof roundProgress>;

export const roundFailure = z.object({
  study: shortName,
  round: numberFrom(0),
  attempt: numberFrom(1),
  code: z.string().max(60),
  message: z.string().max(500),
});
export type RoundFailure = z.infer<typeof roundFailure>;

/** Films of one site: far above any archive. */
const films = z.number().int().min(0).max(1e9);

/** Sent after every connection and again when the trainer is ready: what the agent runs on, for the dashboard. */
export const siteDescription = z.object({
  agent: lineOfText(40),
  backend: lineOfText(40),
  /** `box`, `image` and `none` divide the films of `train`. */
  films: z
    .object({ train: films, val: films, box: films, image: films, none: films })
    .refine(({ train, box, image, none }) => box + image + none <= train, {
      error: 'box, image and none are more than train',
    }),
});
export type SiteDescription = z.infer<typeof siteDescription>;

export const roundClosed = z.object({
  study: shortName,
  round: numberFrom(1),
  counted: z.array(shortName),
  /** Late sites that may go on: their update is counted in the next round. */
  carried: z.array(shortName).default([]),
});
export type RoundClosed = z.infer<typeof roundClosed>;
export const studyEnded = z.object({ study: shortName, state: z.enum(['finished', 'cancelled']) });

/** What the coordinator sends to a site. */
export interface CoordinatorToSite {
  'round:invite': (message: RoundInvitation, ack: (reply: InvitationReply) => void) => void;
  'round:evaluate': (message: EvaluationInvitation, ack: (reply: InvitationReply) => void) => void;
  'round:closed': (message: RoundClosed) => void;
  'study:ended': (message: z.infer<typeof studyEnded>) => void;
}

/** What a site sends to the coordinator; every message is acknowledged with `{}` or a refusal. */
export interface SiteToCoordinator {
  'site:describe': (message: unknown, ack: (reply: unknown) => void) => void;
  'round:progress': (message: unknown, ack: (reply: unknown) => void) => void;
  'round:failed': (message: unknown, ack: (reply: unknown) => void) => void;
}
