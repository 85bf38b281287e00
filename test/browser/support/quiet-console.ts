import pino from 'pino';
import { startConsole, type SiteConsole } from '@fedoxnet/site-agent/console/console';
import type { TrainingBoard } from '@fedoxnet/site-agent/console/training-board';

/** A console at a free port of the loopback that writes no log. */
export function startQuietConsole(
  { home, data }: { readonly home: string; readonly data: string },
  board: TrainingBoard | null = null,
): Promise<SiteConsole> {
  return startConsole({ home, data, port: 0, log: pino({ level: 'silent' }), board });
}
