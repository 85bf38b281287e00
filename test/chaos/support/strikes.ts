import { readFile } from 'node:fs/promises';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { PostgresServer } from '../../support/postgres.js';

/** Something that happens around the processes, to their database or their disk, when its moment has come. */
export interface Strike {
  readonly when: (status: StudyStatus) => boolean;
  /** @param coordinator its process id */
  readonly do: (coordinator: number) => Promise<void>;
}

export type Moment = 'train' | 'upload' | 'evaluate';

/** In the latest round, as soon as a site trains or sends, or the round is scored. */
export function inPhase(moment: Moment): Strike['when'] {
  return ({ history }) => {
    const round = history.at(-1);
    if (round === undefined) return false;
    if (moment === 'evaluate') return round.state === 'evaluating';
    const wanted = moment === 'train' ? ['training'] : ['uploading', 'uploaded'];
    return round.state === 'training' && round.sites.some(({ state }) => wanted.includes(state));
  };
}

/** The embedded database's process gets kill −9; the coordinator starts it again. Only Linux tells the children of a process. */
export async function killEmbeddedDatabase(coordinator: number): Promise<void> {
  const children = await readFile(`/proc/${coordinator}/task/${coordinator}/children`, 'utf8');
  for (const child of children.split(' ').filter((pid) => pid !== '')) {
    const command = await readFile(`/proc/${child}/cmdline`, 'utf8');
    if (command.includes('embedded-postgres-process')) process.kill(Number(child), 'SIGKILL');
  }
}

export function restartPostgres(server: () => PostgresServer, signal: 'SIGINT' | 'SIGQUIT'): Strike['do'] {
  return () => server().restart(signal);
}
