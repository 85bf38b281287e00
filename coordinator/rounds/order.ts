import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyRun } from './run.js';

/** What an operator may want of a study. */
export type Order = 'started' | 'paused' | 'resumed' | 'cancelled';

const STATES: Record<Order, readonly StudyRun['state'][]> = {
  started: ['created'],
  paused: ['running'],
  resumed: ['paused', 'failed'],
  cancelled: ['created', 'running', 'paused', 'failed'],
};

/** What the audit log calls it. */
export const AUDITED_AS = {
  started: 'start',
  paused: 'pause',
  resumed: 'resume',
  cancelled: 'cancel',
} as const satisfies Record<Order, string>;

/** @throws {FederationError} `STUDY_STATE` when the order does not fit the study's state */
export function requireFits(order: Order, study: string, state: StudyRun['state']): void {
  if (!STATES[order].includes(state)) throw new FederationError('STUDY_STATE', `Study ${study} is ${state}.`);
}
