import { Worker } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import type { SumOrder, SumReply, SumRequest } from './sum-messages.js';
import { UpdateRefused, type SumSeconds } from './sum-task.js';

type ReplyOf<K extends SumReply['kind']> = Extract<SumReply, { kind: K }>;

/** A thread that works on windows of a round, one question at a time. */
export class SumThread {
  readonly #worker: Worker;
  seconds: SumSeconds = { open: 0, add: 0 };

  constructor(order: SumOrder) {
    this.#worker = new Worker(new URL('sum-worker.js', import.meta.url), { workerData: order });
  }

  /** @throws {UpdateRefused} the first update that cannot be read; {FederationError} `WEIGHTS_INVALID` */
  ask(request: Extract<SumRequest, { kind: 'survey' }>): Promise<ReplyOf<'surveyed'>>;
  ask(request: Extract<SumRequest, { kind: 'sum' }>): Promise<ReplyOf<'summed'>>;
  ask(request: SumRequest): Promise<ReplyOf<'surveyed' | 'summed'>> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#worker.off('message', onReply);
        this.#worker.off('error', onError);
      };
      const onReply = (reply: SumReply): void => {
        settle();
        if (reply.kind === 'refused') reject(new UpdateRefused(reply.site, reply.reason));
        else if (reply.kind === 'failed') reject(new FederationError('WEIGHTS_INVALID', reply.reason));
        else {
          this.seconds = reply.seconds;
          resolve(reply);
        }
      };
      const onError = (error: unknown): void => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      this.#worker.on('message', onReply);
      this.#worker.on('error', onError);
      this.#worker.postMessage(request, request.kind === 'sum' ? [request.target.buffer as ArrayBuffer] : []);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}
