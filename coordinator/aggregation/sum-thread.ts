import { Worker } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import type { SumOrder, SumReply, SumRequest } from './sum-messages.js';
import { UpdateRefused, type SumSeconds } from './sum-task.js';

type ReplyOf<K extends SumReply['kind']> = Extract<SumReply, { kind: K }>;
type Answer = Exclude<SumReply, ReplyOf<'refused' | 'failed'>>;

interface Waiting {
  readonly resolve: (reply: SumReply) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that works on windows, one question at a time, of one round after another. */
export class SumThread {
  readonly #worker: Worker;
  #waiting: Waiting | null = null;
  /** Why it answers no more. */
  #failure: Error | null = null;
  /** Of the round so far. */
  seconds: SumSeconds = { open: 0, add: 0 };

  constructor() {
    this.#worker = new Worker(new URL('sum-worker.js', import.meta.url));
    this.#worker.on('message', (reply: SumReply) => this.#take()?.resolve(reply));
    this.#worker.once('error', (error) => this.#fail(error as Error));
    this.#worker.once('exit', () => this.#fail(new Error('a thread that sums updates has ended')));
  }

  /** The next questions are about this round. */
  async begin(order: SumOrder): Promise<void> {
    this.seconds = { open: 0, add: 0 };
    await this.#ask({ kind: 'begin', order });
  }

  /** It forgets the round, and what it held for it. */
  async end(): Promise<void> {
    await this.#ask({ kind: 'end' });
  }

  /** @throws {UpdateRefused} the first update that cannot be read; {FederationError} `WEIGHTS_INVALID` */
  async ask(request: Extract<SumRequest, { kind: 'survey' }>): Promise<ReplyOf<'surveyed'>>;
  async ask(request: Extract<SumRequest, { kind: 'sum' }>): Promise<ReplyOf<'summed'>>;
  async ask(
    request: Extract<SumRequest, { kind: 'survey' | 'sum' }>,
  ): Promise<ReplyOf<'surveyed' | 'summed'>> {
    const reply = await this.#ask(
      request,
      request.kind === 'sum' ? [request.target.buffer as ArrayBuffer] : [],
    );
    if (reply.kind === 'ready') throw new TypeError(`a thread answered ${request.kind} with ${reply.kind}`);
    this.seconds = reply.seconds;
    return reply;
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  async #ask(request: SumRequest, moved: ArrayBuffer[] = []): Promise<Answer> {
    const reply = await new Promise<SumReply>((resolve, reject) => {
      if (this.#failure !== null) throw this.#failure;
      this.#waiting = { resolve, reject };
      // Who waits for an answer keeps the process alive; a resting thread does not.
      this.#worker.ref();
      this.#worker.postMessage(request, moved);
    });
    if (reply.kind === 'refused') throw new UpdateRefused(reply.site, reply.reason);
    if (reply.kind === 'failed') throw new FederationError('WEIGHTS_INVALID', reply.reason);
    return reply;
  }

  #take(): Waiting | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    this.#worker.unref();
    return waiting;
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#take()?.reject(error);
  }
}
