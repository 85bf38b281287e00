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
  /** For one film, with the start of the thread that takes the place of a lost one; whoever takes longer loses the thread. */
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
  private started = 0;
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
      const { worker, msLeft } = await this.thread();
      worker.ref();
      return await this.ask(worker, task, msLeft);
    } finally {
      this.busy--;
      this.waiting.shift()?.();
    }
  }

  /**
   * A thread that rests, else a fresh one. The first ones take the time that they take; one in the place of a lost one starts
   * in the time of its film, so that a film is never waited for longer than the limit.
   */
  private async thread(): Promise<{ readonly worker: Worker; readonly msLeft: number }> {
    const resting = this.idle.pop();
    if (resting !== undefined) return { worker: resting, msLeft: this.timeLimitMs };
    const isFirst = this.started < this.threads;
    const begun = performance.now();
    const starting = this.spare.shift() ?? this.start();
    if (isFirst) return { worker: await starting, msLeft: this.timeLimitMs };
    const worker = await withinMs(this.timeLimitMs, starting);
    if (worker !== null) return { worker, msLeft: this.timeLimitMs - (performance.now() - begun) };
    this.keep(starting);
    throw this.tooLong();
  }

  private async start(): Promise<Worker> {
    this.started++;
    const worker = new Worker(ENTRY, { resourceLimits: { maxOldGenerationSizeMb: HEAP_MB }, execArgv: [] });
    this.all.add(worker);
    worker.once('exit', () => this.all.delete(worker));
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve());
      worker.once('error', reject);
    });
    // One that fails while it rests harms nobody.
    worker.on('error', () => {
      const at = this.idle.indexOf(worker);
      if (at >= 0) this.idle.splice(at, 1);
    });
    return worker;
  }

  /** For the films to come. */
  private keep(starting: Promise<Worker>): void {
    starting.then(
      (worker) => this.rest(worker),
      () => undefined, // the next film starts another
    );
  }

  private rest(worker: Worker): void {
    worker.unref(); // an idle thread does not keep the process
    this.idle.push(worker);
  }

  private startSpare(): void {
    this.suspects++;
    if (this.spare.length >= this.suspects) return;
    const starting = this.start();
    starting.then(
      (worker) => worker.unref(),
      () => undefined, // heard by the film that gets it
    );
    this.spare.push(starting);
  }

  private ask(worker: Worker, task: WorkerTask, msLeft: number): Promise<WorkerReply> {
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
        worker.off('message', answered);
        worker.off('error', failed);
        end();
      };
      const lose = (refusal: DicomRefusal): void =>
        settle(() => {
          void worker.terminate();
          reject(refusal);
        });
      const timer = setTimeout(() => lose(this.tooLong()), msLeft);
      const failed = (cause: Error): void =>
        lose(new DicomRefusal('The decoder ran out of memory or failed.', { cause }));
      const answered = (reply: WorkerReply): void =>
        settle(() => {
          this.rest(worker);
          if (reply.kind === 'refused') reject(new DicomRefusal(reply.message));
          else resolve(reply);
        });
      worker.once('error', failed);
      worker.once('message', answered);
      worker.postMessage(task, movable(task.bytes));
    });
  }

  private tooLong(): DecodingTimeout {
    return new DecodingTimeout(`Decoding took longer than ${this.timeLimitMs / 1000} s.`);
  }
}

/** Null when it is not there in time. */
async function withinMs<T>(ms: number, coming: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(() => resolve(null), ms)));
  try {
    return await Promise.race([coming, late]);
  } finally {
    clearTimeout(timer);
  }
}

function unexpected(reply: WorkerReply): Error {
  return new Error(`a film worker answered "${reply.kind}"`);
}
