import pino, { type Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { eventText, progressText } from '../../agent/event-text.js';
import type { LiveEvent } from '../../agent/live-events.js';
import { runSiteAgent } from '../../agent/site-agent.js';
import { agentConfig, type RunSettings } from '../../config.js';
import { readPasswordHash } from '../../console/access/console-password.js';
import { startConsole, type ConsoleOptions, type SiteConsole } from '../../console/console.js';
import { TrainingBoard } from '../../console/training-board.js';
import { LiveLine } from '../live-line.js';
import { invitation } from './console.js';
import type { Terminal } from '../terminal.js';
import { agentVersion } from '../version.js';

export interface RunOptions extends RunSettings {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly logLevel: string;
  /** Port of the site console, when it is to be served. */
  readonly console?: number;
}

/**
 * A service's output is kept in logs, which must hold no secret: there only a password opens the console.
 * @throws {FederationError} `CONFIG_INVALID` for a service without one
 */
async function consoleBeside(
  options: ConsoleOptions,
  display: Display,
  terminal: Terminal,
): Promise<SiteConsole> {
  if (!terminal.isTerminal && (await readPasswordHash(options.home)) === null) {
    throw new FederationError(
      'CONFIG_INVALID',
      `No password is set for the console of ${options.home}: run fedoxnet-site console-password.`,
    );
  }
  const site = await startConsole(options);
  display.say(invitation(site.url, site.entryLink));
  return site;
}

/** What shows the agent's life: event lines for a program, a live line for a person, log lines for a service. */
interface Display {
  readonly log: Logger;
  readonly show: (event: LiveEvent) => void;
  /** A line for people. */
  readonly say: (text: string) => void;
  readonly close: () => void;
}

/** Serves the site until a signal comes or, with --once, a study has ended. */
export async function run(options: RunOptions, terminal: Terminal): Promise<void> {
  const display = displayFor(options, terminal);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const board = new TrainingBoard();
  const onEvent = (event: LiveEvent) => {
    display.show(event);
    board.apply(event);
    if (event.event === 'ended' && options.once === true) end();
  };
  let site: SiteConsole | null = null;
  try {
    const agent = `fedoxnet-site ${agentVersion()}`;
    const config = agentConfig(options);
    const { log } = display;
    if (options.console !== undefined) {
      site = await consoleBeside({ ...config, port: options.console, board, log }, display, terminal);
    }
    await runSiteAgent({ ...config, agent, log, onEvent }, stop.signal);
  } finally {
    await site?.close();
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    display.close();
  }
}

function displayFor({ json, logLevel: level }: RunOptions, terminal: Terminal): Display {
  const stderr = { write: (line: string) => terminal.err(line) };
  if (json === true) {
    return {
      log: pino({ level }, stderr),
      show: (event) => terminal.out(`${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`),
      say: (text) => terminal.err(`${text}\n`),
      close: () => undefined,
    };
  }
  if (terminal.isTerminal) {
    const line = new LiveLine(terminal);
    return {
      log: pino({ level, base: null, timestamp: false }, { write: (entry) => line.print(logText(entry)) }),
      show: (event) => {
        if (event.event === 'progress') line.set(progressText(event));
        else line.print(eventText(event));
      },
      say: (text) => line.print(text),
      close: () => line.close(),
    };
  }
  const log = pino({ level }, stderr);
  return {
    log,
    show: (event) => log[event.event === 'progress' ? 'debug' : 'info'](event, event.event),
    say: (text) => log.info(text),
    close: () => undefined,
  };
}

/** A log entry for a person: its message alone. */
function logText(entry: string): string {
  const { msg } = JSON.parse(entry) as { msg?: string };
  return msg ?? entry.trimEnd();
}
