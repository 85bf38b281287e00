import type { FederationError } from '@fedoxnet/shared/errors';
import type { RoundEntry } from './journal.js';
import { bytesMoved, type Progress } from './live-events.js';
import type { SiteWork } from './site-work.js';
import type { TrainerProgress } from './trainer-process.js';
import type { TransferOptions } from './transfer-options.js';

/** Which work of a site is meant. */
export type Place = Pick<RoundEntry, 'study' | 'round' | 'attempt'>;

/** An upload or download of a round: each of its chunks is reported as a step of the phase. */
export function reportedTransfer(
  work: SiteWork,
  place: Place,
  phase: Progress['phase'],
  signal: AbortSignal,
): TransferOptions {
  const { study, round } = place;
  return {
    http: work.http,
    signal,
    onChunk: (step, steps) =>
      reportProgress(work, place, phase, { step, steps, losses: {}, filmsPerSecond: 0 }),
    onRetry: (error: FederationError, waitMs) =>
      work.log.warn({ study, round, phase, waitMs, code: error.code }, error.message),
  };
}

/** Passes on how far the trainer is, with what the site has sent and received so far. */
export function reportProgress(
  work: SiteWork,
  { study, round, attempt }: Place,
  phase: Progress['phase'],
  { step, steps, losses, pseudo, filmsPerSecond }: Omit<TrainerProgress, 'kind' | 'round'>,
): void {
  work.report({
    ...{ study, round, attempt, phase },
    ...{ step, steps, losses, ...(pseudo && { pseudo }), filmsPerSecond },
    ...bytesMoved(work.http.traffic),
  });
}
