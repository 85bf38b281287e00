import { join } from 'node:path';
import type { Logger } from 'pino';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { TrainerCommand } from '../trainer/ipc.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import type { Journal } from './journal.js';
import type { LiveEvent, Progress } from './live-events.js';
import type { RoundRecords } from './round-records.js';
import type { Preparation, TrainerProcess } from './trainer-process.js';

export type Backend = Extract<TrainerCommand, { kind: 'prepare' }>['backend'];

/** What work on a round needs from the agent around it. */
export interface SiteWork {
  readonly identity: Identity;
  readonly http: HttpClient;
  readonly journal: Journal;
  readonly records: RoundRecords;
  /** What was said about receipts that this site does not countersign: they come again with every round. */
  readonly refusedReceipts: Set<string>;
  readonly trainer: TrainerProcess;
  /** Absolute paths. */
  readonly home: string;
  readonly data: string;
  readonly backend: Backend;
  readonly log: Logger;
  readonly emit: (event: LiveEvent) => void;
  readonly report: (progress: Progress) => void;
  /** Delivers progress that was held back; called at the end of each phase. */
  readonly flush: () => void;
}

/** The reason with which a stopping agent ends its jobs. */
export class AgentStopped extends Error {
  override readonly name = 'AgentStopped';
}

export function workFolder(home: string, study: string): string {
  return join(home, 'work', study);
}

export function preparationOf(
  work: Pick<SiteWork, 'home' | 'data' | 'backend'>,
  plan: StudyPlan,
): Preparation {
  const { home, data, backend } = work;
  return { plan, data, work: workFolder(home, plan.study), backend };
}
