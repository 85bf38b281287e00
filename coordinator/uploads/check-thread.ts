import { Worker } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import type { CheckReply, CheckRequest, CheckSeconds } from './check-messages.js';

interface Waiting {
  readonly resolve: (seconds: CheckSeconds) => void;
  readonly reject: (error: Error) => void;
}

/** The thread that looks at updates, as the rest of the coordinator sees it. It starts with the first question. */
export class CheckThread {
  readonly #root: string;
  #worker: Worker | null = null;
  /** In the order of the questions, which is that of the answers. */
  #waiting: Waiting[] = [];

  /**
   * @param root   of the blob store
   * @param onLost the thread ended by itself: what it knew is gone
   */
  constructor(
    root: string,
    private readonly onLost: () => void,
  ) {
    this.#root = root;
  }

  /**
   * @returns seconds spent on the upload so far
   * @throws {FederationError} what is wrong with the update
   */
  ask(request: CheckRequest): Promise<CheckSeconds> {
    return new Promise((resolve, reject) => {
      const worker = (this.#worker ??= this.#start());
      this.#waiting.push({ resolve, reject });
      worker.postMessage(request);
    });
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }

  #start(): Worker {
    const worker = new Worker(new URL('check-worker.js', import.meta.url), { workerData: this.#root });
    worker.unref();
    worker.on('message', (reply: CheckReply) => {
      const waiting = this.#waiting.shift();
      if (reply.kind === 'done') waiting?.resolve(reply.seconds);
      else if (reply.kind === 'refused') waiting?.reject(new FederationError(reply.code, reply.message));
      else waiting?.reject(new Error(reply.message));
    });
    // Whatever ended it: who waits is told, and the next question starts another.
    worker.once('error', (error) => this.#fail(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => this.#fail(new Error('the thread that looks at updates has ended')));
    return worker;
  }

  #fail(error: Error): void {
    this.#worker = null;
    this.onLost();
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}
