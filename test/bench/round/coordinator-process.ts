import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { PeakMemoryWatch } from '#demo/peak-memory';

const PROGRAM = fileURLToPath(
  new URL('../../../../coordinator/bin/fedoxnet-coordinator.mjs', import.meta.url),
);
const listening = z.object({ event: z.literal('listening'), url: z.string(), pid: z.number() });
/** A line of its log that tells how long the parts of a piece of work took. */
const timedLine = z.object({ msg: z.string(), seconds: z.record(z.string(), z.number()) });

/** The coordinator as an operator starts it: its own program, its own data folder, any free port. */
export class CoordinatorProcess {
  readonly #child: ChildProcess;
  readonly #memory = new PeakMemoryWatch();
  readonly #ended: Promise<void>;

  private constructor(
    child: ChildProcess,
    readonly url: string,
    pid: number,
  ) {
    this.#child = child;
    this.#memory.watch('coordinator', pid);
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** @param onTimes gets the seconds of each part of what the coordinator logs */
  static async start(
    dataDir: string,
    options: { readonly databaseUrl: string | undefined; readonly profile: string | undefined },
    onTimes: (seconds: Readonly<Record<string, number>>) => void,
  ): Promise<CoordinatorProcess> {
    const database = options.databaseUrl === undefined ? [] : ['--database-url', options.databaseUrl];
    const profiling =
      options.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${options.profile}`];
    const child = spawn(
      process.execPath,
      [...profiling, PROGRAM, 'serve', '--json', '--port', '0', '--data', dataDir, ...database],
      { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, FEDOXNET_LOG_LEVEL: 'debug' } },
    );
    const log = createWriteStream(`${dataDir}.log`);
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.write(`${line}\n`);
      const timed = timedLine.safeParse(parsed(line));
      if (timed.success) onTimes(timed.data.seconds);
    });
    const { url, pid } = await new Promise<z.infer<typeof listening>>((resolve, reject) => {
      child.once('close', (code) => reject(new Error(`the coordinator ended with ${code}: ${dataDir}.log`)));
      createInterface({ input: child.stdout }).once('line', (line) => resolve(listening.parse(parsed(line))));
    });
    return new CoordinatorProcess(child, url, pid);
  }

  /** Peak resident memory so far, of the process and of its largest child. */
  peakMb(): { readonly self: number; readonly child: number } {
    return this.#memory.results().get('coordinator') ?? { self: 0, child: 0 };
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async stop(): Promise<void> {
    this.#memory.stop();
    this.#child.kill('SIGTERM');
    await this.#ended;
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
