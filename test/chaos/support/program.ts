import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ARMING_VARIABLE, type Arming } from './fault.js';

const ARM = new URL('./arm.js', import.meta.url).href;
/** As long as a service manager waits before it starts a service again. */
const RESTART_MS = 100;

export interface ProgramOptions {
  readonly entry: string;
  readonly args: readonly string[];
  /** Standard error is appended here. */
  readonly log: string;
  readonly arming: Arming;
  readonly env?: Readonly<Record<string, string>>;
}

/** How often it ended by itself, and the signal or status it ended with. */
export interface Ending {
  readonly at: number;
  readonly status: number | NodeJS.Signals | null;
}

/** A program under a service manager: started again whenever it ends, until it is stopped. */
export class Program {
  readonly endings: Ending[] = [];
  #child: ChildProcess | null = null;
  #stopped = false;
  #restart: NodeJS.Timeout | null = null;

  private constructor(private readonly options: ProgramOptions) {}

  static start(options: ProgramOptions): Program {
    const program = new Program(options);
    program.#spawn();
    return program;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** In the orderly way, or after 10 s with force. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (child === null) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const force = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }

  #spawn(): void {
    const { entry, args, log, arming, env } = this.options;
    const child = spawn(process.execPath, [fileURLToPath(entry), ...args], {
      env: {
        ...process.env,
        ...env,
        // By the environment, so that it reaches the trainer too, which the agent starts.
        NODE_OPTIONS: `--import=${ARM}`,
        [ARMING_VARIABLE]: JSON.stringify(arming),
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    child.stdout.on('data', (text: Buffer) => appendFileSync(log, text));
    child.stderr.on('data', (text: Buffer) => appendFileSync(log, text));
    child.once('close', (code, signal) => {
      this.#child = null;
      this.endings.push({ at: performance.now(), status: signal ?? code });
      if (!this.#stopped) this.#restart = setTimeout(() => this.#spawn(), RESTART_MS);
    });
  }
}
