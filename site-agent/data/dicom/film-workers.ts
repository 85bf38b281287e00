import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { GreyPlane } from '../grey-plane.js';
import { DicomRefusal } from './dicom-refusal.js';
import type { PreparedFilm, UnreadableFilm } from './prepare-film.js';
import { movable, type WorkerReply, type WorkerTask } from './worker-messages.js';

const ENTRY = new URL('./film-worker.js', import.meta.url);
/** JavaScript's own memory in a worker; pixels and codecs lie outside it and have bounds of their own. */
const HEAP_MB = 384;
/** For one film, unless the site says otherwise; 20 million pixels of JPEG 2000 take about 2 s. */
export const TIME_LIMIT_MS = 4000;

/** A film that takes longer than this part of its time may well lose its thread: another is started meanwhile. */
const SUSPICIOUS = 0.25;

/** A film whose decoding did not end in time. */
export class DecodingTimeout extends DicomRefusal {}

export interface FilmWorkersOptions {
  /** Threads; each holds one film. */
  readonly threads?: number;
  /** For one film; one that takes longer loses its thread. */
  readonly timeLimitMs?: number;
}

/**
 * Decodes films in threads of their own, so that neither a broken film nor a hanging codec can stop whoever asked: a thread
 * that runs out of time or memory is ended and the next film gets a fresh one. Threads start when they are first needed, and a
 * fresh one while a film still has most of its time left, so that the next film need not wait for it.
 */
export class FilmWorkers {
  readonly threads: number;
  private readonly timeLimitMs: number;
  private readonly idle: Worker[] = [];
  /** Started for threads that may be lost. */
  private readonly spare: Promise<Worker>[] = [];
  /** Threads that may be lost. */
  private suspects = 0;
  private readonly all = new Set<Worker>();
  private readonly waiting: (() => void)[] = [];
  private busy = 0;

  constructor({
    threads = Math.min(4, availableParallelism()),
    timeLimitMs = TIME_LIMIT_MS,
  }: FilmWorkersOptions = {}) {
    this.threads = threads;
    this.timeLimitMs = timeLimitMs;
  }

  /** As `prepareFilm`. @param bytes of a whole file; moved to the thread, so they are empty afterwards */
  async prepare(bytes: Uint8Array, side: number): Promise<PreparedFilm | UnreadableFilm> {
    const reply = await this.run({ kind: 'prepare', bytes, side });
    if (reply.kind === 'prepared') return reply.film;
    throw unexpected(reply);
  }

  /** The film as it is meant to be seen. @throws {DicomRefusal} when it cannot be decoded */
  async render(bytes: Uint8Array): Promise<GreyPlane> {
    const reply = await this.run({ kind: 'render', bytes });
    if (reply.kind === 'rendered') return reply.plane;
    throw unexpected(reply);
  }

  /** Ends all threads; what they were doing fails. */
  async close(): Promise<void> {
    await Promise.all([...this.all].map((worker) => worker.terminate()));
  }

  private async run(task: WorkerTask): Promise<WorkerReply> {
    while (this.busy >= this.threads) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy++;
    try {
      const worker = this.idle.pop() ?? (await (this.spare.shift() ?? this.start()));
      worker.ref();
      return await this.ask(worker, task);
    } finally {
      this.busy--;
      this.waiting.shift()?.();
    }
  }

  private async start(): Promise<Worker> {
    const worker = new Worker(ENTRY, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB }, execArgv: [] });
    this.all.add(worker);
    worker.once('exit', () => this.all.delete(worker));
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    worker.removeAllListeners('error');
    return worker;
  }

  private startSpare(): void {
    this.suspects++;
    if (this.spare.length >= this.suspects) return;
    const starting = this.start();
    starting.then(
      (worker) => worker.unref(), // neither does it keep the process
      () => undefined, // heard by the film that gets it
    );
    this.spare.push(starting);
  }

  private ask(worker: Worker, task: WorkerTask): Promise<WorkerReply> {
    return new Promise((resolve, reject) => {
      let isSuspect = false;
      const suspicion = setTimeout(() => {
        isSuspect = true;
        this.startSpare();
      }, SUSPICIOUS * this.timeLimitMs);
      const settle = (end: () => void): void => {
        clearTimeout(suspicion);
        clearTimeout(timer);
        if (isSuspect) this.suspects--;
        worker.removeAllListeners('message');
        worker.removeAllListeners('error');
        end();
      };
      const lose = (refusal: DicomRefusal): void =>
        settle(() => {
          worker.on('error', () => undefined);
          void worker.terminate();
          reject(refusal);
        });
      const timer = setTimeout(
        () => lose(new DecodingTimeout(`Decoding took longer than ${this.timeLimitMs / 1000} s.`)),
        this.timeLimitMs,
      );
      worker.once('error', (cause) =>
        lose(new DicomRefusal('The decoder ran out of memory or failed.', { cause })),
      );
      worker.once('message', (reply: WorkerReply) =>
        settle(() => {
          worker.unref(); // an idle thread does not keep the process
          this.idle.push(worker);
          if (reply.kind === 'refused') reject(new DicomRefusal(reply.message));
          else resolve(reply);
        }),
      );
      worker.postMessage(task, movable(task.bytes));
    });
  }
}

function unexpected(reply: WorkerReply): Error {
  return new Error(`a film worker answered "${reply.kind}"`);
}
