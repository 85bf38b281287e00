import { setTimeout as sleep } from 'node:timers/promises';
import type { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { FederationError } from '@fedoxnet/shared/errors';
import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { readStatus, startStudy } from './operator.js';
import { publishedRounds } from './summary.js';

const POLL_MS = 500;
/** Agents load TensorFlow and decode their films before they connect. */
const READY_LIMIT_MS = 180_000;

export interface StudyRunOptions {
  readonly operator: OperatorClient;
  readonly study: string;
  readonly onRound?: (round: RoundStatus, status: StudyStatus) => void;
  /** Rejects when a process of the demo has ended badly. */
  readonly failure: Promise<never>;
  readonly signal: AbortSignal;
}

/**
 * Starts a study as soon as all its sites are connected and approved its plan, and follows it to its end.
 * @returns the final status
 * @throws {FederationError} when the study pauses, fails or is cancelled
 */
export async function runStudy(options: StudyRunOptions): Promise<StudyStatus> {
  const { operator, study, onRound } = options;
  await waitFor(options, READY_LIMIT_MS, (status) => {
    const away = status.sites.filter((site) => !site.connected || !site.approved).map((site) => site.site);
    return away.length === 0 ? null : `${away.join(', ')} did not connect and approve the plan of ${study}.`;
  });
  await startStudy(operator, study);
  let shown = 0;
  return waitFor(options, Number.POSITIVE_INFINITY, (status) => {
    const rounds = publishedRounds(status);
    for (const round of rounds.slice(shown)) onRound?.(round, status);
    shown = rounds.length;
    if (status.state === 'finished') return null;
    if (status.state !== 'running' && status.state !== 'created') {
      throw new FederationError(
        'ROUND_WITHOUT_UPDATES',
        `Study ${study} is ${status.state}: ${status.reason ?? 'no reason given'}`,
      );
    }
    return `Study ${study} did not finish.`;
  });
}

/** Polls until `missing` returns null; what it returned last is the message of the refusal when time is up. */
async function waitFor(
  { operator, study, failure, signal }: StudyRunOptions,
  limit: number,
  missing: (status: StudyStatus) => string | null,
): Promise<StudyStatus> {
  const deadline = Date.now() + limit;
  for (;;) {
    const status = await Promise.race([readStatus(operator, study), failure]);
    const lacking = missing(status);
    if (lacking === null) return status;
    if (Date.now() > deadline) throw new FederationError('COORDINATOR_UNREACHABLE', lacking);
    await Promise.race([sleep(POLL_MS, undefined, { signal }), failure]);
  }
}
