import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import pino from 'pino';
import { startConsole } from '../../console/console.js';
import type { Terminal } from '../terminal.js';

export interface ConsoleCommandOptions {
  readonly home: string;
  readonly data: string;
  readonly port: number;
  readonly json?: boolean;
}

/** Serves the console without an agent until a signal comes. */
export async function serveConsole(options: ConsoleCommandOptions, terminal: Terminal): Promise<void> {
  const home = resolve(options.home);
  await mkdir(home, { recursive: true, mode: 0o700 });
  const log = pino({ level: 'info' }, { write: (line: string) => terminal.err(line) });
  const started = await startConsole({
    ...{ home, data: resolve(options.data), port: options.port, log, board: null },
  });
  const { url, entryLink } = started;
  if (options.json === true) terminal.out(`${JSON.stringify({ url, entryLink })}\n`);
  else terminal.out(`${invitation(url, entryLink)}\n`);
  await new Promise<void>((end) => {
    process.once('SIGINT', end);
    process.once('SIGTERM', end);
  });
  await started.close();
}

/** What to open in a browser on this machine. */
export function invitation(url: string, entryLink: string | null): string {
  return entryLink === null
    ? `Site console: ${url} (password)`
    : `Site console, once and within 15 minutes: ${entryLink}`;
}
