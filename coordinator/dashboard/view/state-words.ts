import type { StateWord } from '@fedoxnet/shared/page/state-word';
import type { RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';

/** Keyed by every state of the protocol, so that a new state does not compile before it has a word here. */
export const STUDY_WORDS: Record<StudyStatus['state'], StateWord> = {
  created: { text: 'Not started', tone: 'waiting' },
  running: { text: 'Running', tone: 'busy' },
  paused: { text: 'Paused', tone: 'waiting' },
  finished: { text: 'Finished', tone: 'good' },
  cancelled: { text: 'Cancelled', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
};

export const ROUND_WORDS: Record<RoundStatus['state'], StateWord> = {
  inviting: { text: 'Inviting', tone: 'busy' },
  training: { text: 'Training', tone: 'busy' },
  aggregating: { text: 'Aggregating', tone: 'busy' },
  evaluating: { text: 'Evaluating', tone: 'busy' },
  published: { text: 'Published', tone: 'good' },
  failed: { text: 'Failed', tone: 'bad' },
};

export const SITE_ROUND_WORDS: Record<SiteRound['state'], StateWord> = {
  invited: { text: 'Invited', tone: 'waiting' },
  accepted: { text: 'Receiving the model', tone: 'busy' },
  training: { text: 'Training', tone: 'busy' },
  uploading: { text: 'Sending its update', tone: 'busy' },
  uploaded: { text: 'Update sent', tone: 'good' },
  counted: { text: 'Counted', tone: 'good' },
  late: { text: 'Late', tone: 'waiting' },
  waiting: { text: 'Waits for its stage', tone: 'waiting' },
  postponed: { text: 'Not now', tone: 'waiting' },
  declined: { text: 'Declined', tone: 'bad' },
  failed: { text: 'Failed', tone: 'bad' },
  missing: { text: 'Missing', tone: 'bad' },
};

/** How far a site comes in a round, in this order: the protocol's own list, whose module the page is not served. */
export const PARTICIPATION_STAGES = Object.keys({
  invited: 0,
  accepted: 0,
  trained: 0,
  uploaded: 0,
  counted: 0,
} satisfies Record<keyof SiteRound['stages'], 0>) as (keyof SiteRound['stages'])[];

export interface RoundPhase {
  /** Its key in the `seconds` of a round. */
  readonly key: string;
  readonly name: string;
  /** States of a round that lie in it. Inviting counts as training: sites start as soon as they accept. */
  readonly states: readonly RoundStatus['state'][];
}

/** The phases of a round in their order. */
export const ROUND_PHASES: readonly RoundPhase[] = [
  { key: 'train', name: 'Training', states: ['inviting', 'training'] },
  { key: 'aggregate', name: 'Aggregating', states: ['aggregating'] },
  { key: 'evaluate', name: 'Evaluating', states: ['evaluating'] },
];
