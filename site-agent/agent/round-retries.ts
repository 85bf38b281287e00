import type { FederationError } from '@fedoxnet/shared/errors';
import { withRetries } from './back-off.js';
import { asFederationError } from './failure.js';
import type { Place } from './round-progress.js';
import type { SiteWork } from './site-work.js';

/** A trainer that dies is started again this often before the round is given up; it goes on from its checkpoint. */
const TRAINER_TRIES = 3;

/** Tries again, a few times, what the trainer did not live to finish. */
export function whileTrainerDies<Result>(
  { log }: SiteWork,
  { study, round }: Place,
  task: () => Promise<Result>,
  signal: AbortSignal,
): Promise<Result> {
  const onRetry = (error: FederationError) => log.warn({ study, round }, error.message);
  return withRetries(task, { signal, attempts: TRAINER_TRIES, onRetry });
}

/** Tries again as long as it only lacks room on the disk: the site's staff can make some, and the round may still be open. */
export function whileDiskIsFull(
  { log }: SiteWork,
  { study, round }: Place,
  task: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const onRetry = (error: FederationError, waitMs: number) =>
    log.error({ study, round, waitMs, code: error.code }, error.message);
  const named = () => task().catch((error: unknown) => Promise.reject(asFederationError(error)));
  return withRetries(named, { signal, onRetry, isPassing: ({ code }) => code === 'DISK_FULL' });
}
