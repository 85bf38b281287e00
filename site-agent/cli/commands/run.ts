import pino, { type Logger } from 'pino';
import type { LiveEvent } from '../../agent/live-events.js';
import { runSiteAgent } from '../../agent/site-agent.js';
import { agentConfig, type RunSettings } from '../../config.js';
import { eventText, progressText } from '../event-text.js';
import { LiveLine } from '../live-line.js';
import type { Terminal } from '../terminal.js';
import { agentVersion } from '../version.js';

export interface RunOptions extends RunSettings {
  readonly once?: boolean;
  readonly json?: boolean;
  readonly logLevel: string;
}

/** What shows the agent's life: event lines for a program, a live line for a person, log lines for a service. */
interface Display {
  readonly log: Logger;
  readonly show: (event: LiveEvent) => void;
  readonly close: () => void;
}

/** Serves the site until a signal comes or, with --once, a study has ended. */
export async function run(options: RunOptions, terminal: Terminal): Promise<void> {
  const display = displayFor(options, terminal);
  const stop = new AbortController();
  const end = () => stop.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  const onEvent = (event: LiveEvent) => {
    display.show(event);
    if (event.event === 'ended' && options.once === true) end();
  };
  try {
    const agent = `fedoxnet-site ${agentVersion()}`;
    await runSiteAgent({ ...agentConfig(options), agent, log: display.log, onEvent }, stop.signal);
  } finally {
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
      close: () => line.close(),
    };
  }
  const log = pino({ level }, stderr);
  return {
    log,
    show: (event) => log[event.event === 'progress' ? 'debug' : 'info'](event, event.event),
    close: () => undefined,
  };
}

/** A log entry for a person: its message alone. */
function logText(entry: string): string {
  const { msg } = JSON.parse(entry) as { msg?: string };
  return msg ?? entry.trimEnd();
}
