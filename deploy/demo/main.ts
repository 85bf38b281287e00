import { relative } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { ChildProcesses, ProgramFailed } from './child-processes.js';
import { HELP, readOptions } from './options.js';
import { runDemo, type DemoResult } from './run-demo.js';
import { Terminal } from './terminal.js';

/** `npm run demo`: reads the options, runs the demo, stops all it started, and ends with a stable exit status. */
const INTERRUPTED = 130; // 128 + SIGINT, as shells count

async function main(args: readonly string[]): Promise<number> {
  const terminal = new Terminal();
  const processes = new ChildProcesses();
  const stop = new AbortController();
  const onSignal = (): void => {
    // A second Ctrl-C while programs are being stopped changes nothing: they are given a few seconds at most.
    stop.abort();
    void processes.stopAll();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    const options = readOptions(args);
    if (options === null) {
      process.stdout.write(HELP);
      return 0;
    }
    const result = await runDemo({ options, terminal, processes, signal: stop.signal });
    process.stdout.write(`\n${closingWords(result, terminal)}\n`);
    if (terminal.isInteractive) await untilStopped(result.dashboard, stop.signal);
    return 0;
  } catch (error) {
    if (stop.signal.aborted) return INTERRUPTED;
    process.stderr.write(`${explain(error)}\n`);
    return exitStatus(error);
  } finally {
    await processes.stopAll();
  }
}

function closingWords({ summary, out }: DemoResult, terminal: Terminal): string {
  const place = (path: string) => relative(process.cwd(), path);
  return [
    terminal.note(`rounds: ${summary.rounds.length}, backend: ${summary.backend}; in ${place(out.root)}:`),
    `  ${place(out.model)}  the released model`,
    `  ${place(out.films)}  held-out films with true and predicted boxes`,
    `  ${place(out.curves)}, ${place(out.losses)}  precision by round, losses by step`,
    `  ${place(out.summary)}  all figures`,
  ].join('\n');
}

async function untilStopped(dashboard: string, signal: AbortSignal): Promise<void> {
  process.stdout.write(`\nThe dashboard stays at ${dashboard} until Ctrl-C.\n`);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** One line that says what happened and what to do. */
function explain(error: unknown): string {
  if (error instanceof FederationError) return error.line;
  return error instanceof Error ? error.message : String(error);
}

function exitStatus(error: unknown): number {
  if (error instanceof FederationError) return error.entry.exit;
  return error instanceof ProgramFailed ? error.exitCode : 70;
}

process.exitCode = await main(process.argv.slice(2));
