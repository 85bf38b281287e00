import { fork, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { FederationError } from '@fedoxnet/shared/errors';
import type { Job, JobResults, WorkerEvent } from './jobs.js';

export interface WorkerPoolOptions {
  readonly workers: number;
  /** Of TensorFlow, in each worker. Results depend on it: sums are taken in another order. */
  readonly threads: number;
  /** Lines that workers print. */
  readonly onOutput: (line: string) => void;
}

const ENTRY = fileURLToPath(new URL('worker.js', import.meta.url));
/** A worker that dies is replaced, and its job given to another, this often: a trainer goes on from its checkpoint. */
const TRIES = 3;

interface Waiting {
  readonly job: Job;
  readonly onStep: (step: number) => void;
  readonly settle: (result: WorkerEvent | Error) => void;
  tries: number;
}

/** A few processes that do the jobs of any number of hospitals, in the order in which they were asked. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions;
  readonly #queue: Waiting[] = [];
  readonly #workers: PooledWorker[];
  #closed = false;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
    this.#workers = Array.from({ length: options.workers }, () => new PooledWorker(options));
  }

  /**
   * @param onStep gets the steps done so far of a job that trains
   * @throws {FederationError} what the job failed with, or `TRAINER_DIED`
   */
  run<K extends Job['kind']>(
    job: Extract<Job, { kind: K }>,
    onStep: (step: number) => void = () => undefined,
  ): Promise<JobResults[K]> {
    return new Promise((resolve, reject) => {
      const settle = (result: WorkerEvent | Error): void => {
        if (result instanceof Error) reject(result);
        else resolve(result as JobResults[K]);
      };
      this.#queue.push({ job, onStep, settle, tries: 0 });
      this.#next();
    });
  }

  /** Ends all workers at once; what they were doing is resumed by whoever starts again. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#queue.length = 0;
    await Promise.all(this.#workers.map((worker) => worker.end()));
  }

  /** Process ids of the workers that run. */
  get pids(): number[] {
    return this.#workers.flatMap(({ pid }) => pid ?? []);
  }

  #next(): void {
    for (const worker of this.#workers) {
      if (worker.isBusy || this.#queue.length === 0 || this.#closed) continue;
      // One that has the hospital's films open need not open them.
      const known = this.#queue.findIndex(({ job }) => worker.lastPlace === placeOf(job));
      const [waiting] = this.#queue.splice(Math.max(0, known), 1);
      void this.#do(worker, waiting!);
    }
  }

  async #do(worker: PooledWorker, waiting: Waiting): Promise<void> {
    waiting.tries += 1;
    const result = await worker.do(waiting.job, waiting.onStep).catch((error: Error) => error);
    if (result instanceof WorkerDied && waiting.tries < TRIES && !this.#closed) {
      this.#options.onOutput(`${result.message} Its job is done again.`);
      this.#queue.unshift(waiting);
    } else {
      waiting.settle(result);
    }
    this.#next();
  }
}

function placeOf(job: Job): string {
  return job.kind === 'films' ? job.folder : job.prepare.data;
}

class WorkerDied extends FederationError {}

class PooledWorker {
  readonly #options: WorkerPoolOptions;
  #child: ChildProcess | null = null;
  #lastLine = '';
  isBusy = false;
  lastPlace: string | null = null;

  constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** @throws {FederationError} */
  async do(job: Job, onStep: (step: number) => void): Promise<WorkerEvent> {
    this.isBusy = true;
    this.lastPlace = placeOf(job);
    try {
      return await this.#ask(job, onStep);
    } finally {
      this.isBusy = false;
    }
  }

  async end(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  #ask(job: Job, onStep: (step: number) => void): Promise<WorkerEvent> {
    return new Promise((resolve, reject) => {
      const child = (this.#child ??= this.#fork());
      const settle = (finish: () => void): void => {
        child.off('message', onMessage);
        child.off('exit', onExit);
        finish();
      };
      const onMessage = (message: unknown): void => {
        const event = message as WorkerEvent;
        if (event.kind === 'progress') onStep(event.step);
        else if (event.kind === 'failed')
          settle(() => reject(new FederationError(event.code, event.message)));
        else settle(() => resolve(event));
      };
      const onExit = (code: number | null, signal: string | null): void => {
        const how = signal === null ? `ended with status ${code}` : `was ended by ${signal}`;
        const said = this.#lastLine === '' ? '' : ` Its last line: ${this.#lastLine.slice(0, 300)}`;
        settle(() => reject(new WorkerDied('TRAINER_DIED', `A worker ${how}.${said}`)));
      };
      child.on('message', onMessage);
      child.once('exit', onExit);
      child.send(job, (error) => {
        if (error !== null) child.kill('SIGKILL');
      });
    });
  }

  #fork(): ChildProcess {
    const threads = String(this.#options.threads);
    const child = fork(ENTRY, [], {
      env: { ...process.env, TF_NUM_INTRAOP_THREADS: threads, OMP_NUM_THREADS: threads },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      createInterface({ input: stream }).on('line', (line) => {
        if (line.trim() !== '') this.#lastLine = line.trim();
        this.#options.onOutput(line);
      });
    }
    child.once('exit', () => {
      this.#child = null;
      this.lastPlace = null;
    });
    return child;
  }
}
