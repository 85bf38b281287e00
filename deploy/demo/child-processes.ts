import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { FederationError } from '@fedoxnet/shared/errors';

export interface ProgramStart {
  /** As the demo calls it: "coordinator", "site-a". */
  readonly name: string;
  /** JavaScript file and its arguments, run by this Node. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** What the program writes to stderr goes here; its last line is quoted when it fails. */
  readonly log: string;
  /** Each line of its standard output. */
  readonly onLine?: (line: string) => void;
}

export interface Program {
  readonly name: string;
  readonly pid: number;
  /** Settles when the program has ended; rejects when it ended with a status other than 0 without being stopped. */
  readonly ended: Promise<void>;
}

/** How long a program has to end by itself after SIGTERM. */
const GRACE_MS = 8000;

/** The programs that the demo started: all are stopped at its end, however it ends, and nothing else is. */
export class ChildProcesses {
  private readonly running = new Map<ChildProcess, Promise<void>>();
  private stopping = false;
  private fail: (error: unknown) => void = () => undefined;
  /** Rejects as soon as one of the programs ends badly. */
  readonly failure = new Promise<never>((_, reject) => {
    this.fail = reject;
  });

  constructor() {
    this.failure.catch(() => undefined);
  }

  /** Starts a program that runs beside the demo. */
  start({ name, args, env = {}, log, onLine }: ProgramStart): Program {
    const child = spawn(process.execPath, [...args], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const logFile = createWriteStream(log, { flags: 'a' });
    let lastWords = '';
    child.stderr.on('data', (data: Buffer) => {
      logFile.write(data);
      lastWords = lastLine(lastWords + data.toString());
    });
    if (onLine === undefined) child.stdout.pipe(logFile, { end: false });
    else createInterface({ input: child.stdout }).on('line', onLine);

    const ended = new Promise<void>((resolve, reject) => {
      child.on('error', (error) =>
        reject(new FederationError('INTERNAL', `${name} cannot start: ${error.message}.`)),
      );
      child.on('close', (code, signal) => {
        this.running.delete(child);
        logFile.end();
        if (code === 0 || this.stopping) resolve();
        else reject(new ProgramFailed(name, code, signal, lastWords, log));
      });
    });
    // Nobody waiting must not end the demo without its clean-up.
    ended.catch(this.fail);
    this.running.set(child, ended);
    return { name, pid: child.pid ?? 0, ended };
  }

  /** Runs a program to its end and returns its standard output. */
  async run(start: Omit<ProgramStart, 'onLine'>): Promise<string> {
    const lines: string[] = [];
    await this.start({ ...start, onLine: (line) => lines.push(line) }).ended;
    return lines.join('\n');
  }

  /** Asks all that still run to end, and insists after a while. */
  async stopAll(): Promise<void> {
    this.stopping = true;
    const children = [...this.running.keys()];
    for (const child of children) child.kill('SIGTERM');
    const insist = setTimeout(() => {
      for (const child of children) child.kill('SIGKILL');
    }, GRACE_MS);
    await Promise.allSettled(this.running.values());
    clearTimeout(insist);
  }
}

/** A program of the demo ended badly. Its own last line is the best explanation there is. */
export class ProgramFailed extends Error {
  readonly exitCode: number;

  constructor(name: string, code: number | null, signal: string | null, lastWords: string, log: string) {
    super(
      `${name} ended with ${signal ?? `status ${code}`}: ${lastWords.trim() || 'it said nothing'} (log: ${log})`,
    );
    this.exitCode = code ?? 70;
  }
}

function lastLine(text: string): string {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return `${lines.at(-1) ?? ''}${text.endsWith('\n') ? '\n' : ''}`;
}
