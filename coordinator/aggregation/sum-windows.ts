import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import type { BlobStore } from '../blobs/blob-store.js';
import type { ModelLayout } from './model-layout.js';
import { sumTaskOf, type SumOrder, type SumReply } from './sum-messages.js';
import { UpdateRefused, WindowSummer, type SumSeconds } from './sum-window.js';
import { windowsOf } from './windows.js';

/** More would only take memory: two keep up with the disk. */
const MAX_WORKERS = 2;
/** Below this many numbers over all updates a thread takes longer to start than to sum. */
const WORTH_A_THREAD = 4 * 1024 * 1024;

/**
 * All windows of the next global model in order, each as the values of its tensors one behind the other.
 * @param seconds is added to
 * @throws {UpdateRefused} the first update that cannot be read
 * @throws {FederationError} `WEIGHTS_INVALID` when the mean is not finite
 */
export async function* sumWindows(
  blobs: BlobStore,
  order: SumOrder,
  seconds: SumSeconds,
): AsyncGenerator<Float32Array> {
  if (elementsOfModel(order.model) * order.updates.length < WORTH_A_THREAD) {
    const summer = new WindowSummer(blobs, sumTaskOf(order));
    for (const window of windowsOf(order.model)) yield await summer.sum(window);
    addSeconds(seconds, summer.seconds);
    return;
  }
  const windows = windowsOf(order.model).length;
  const count = Math.min(MAX_WORKERS, availableParallelism(), windows);
  const threads = Array.from({ length: count }, () => new SumThread(order));
  try {
    // Window w is thread w mod count's: each is one ahead, so that no result waits for long.
    const results = threads.map((thread, index) => awaitedLater(thread.sum(index)));
    for (let window = 0; window < windows; window += 1) {
      const own = window % count;
      const thread = threads[own] as SumThread;
      const values = await (results[own] as Promise<Float32Array>);
      if (window + count < windows) results[own] = awaitedLater(thread.sum(window + count));
      yield values;
    }
    for (const thread of threads) addSeconds(seconds, thread.seconds);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

class SumThread {
  readonly #worker: Worker;
  seconds: SumSeconds = { open: 0, add: 0 };

  constructor(order: SumOrder) {
    this.#worker = new Worker(new URL('sum-worker.js', import.meta.url), { workerData: order });
  }

  sum(window: number): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        this.#worker.off('message', onReply);
        this.#worker.off('error', onError);
      };
      const onReply = (reply: SumReply): void => {
        settle();
        if (reply.kind === 'summed') {
          this.seconds = reply.seconds;
          resolve(reply.values);
        } else if (reply.kind === 'refused') reject(new UpdateRefused(reply.site, reply.reason));
        else reject(new FederationError('WEIGHTS_INVALID', reply.reason));
      };
      const onError = (error: unknown): void => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      this.#worker.on('message', onReply);
      this.#worker.on('error', onError);
      this.#worker.postMessage(window);
    });
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** A failure is met when its turn comes; until then it must not count as unhandled. */
function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function elementsOfModel({ tensors }: ModelLayout): number {
  return [...tensors.values()].reduce((sum, { elements }) => sum + elements, 0);
}

function addSeconds(sum: SumSeconds, more: SumSeconds): void {
  sum.open += more.open;
  sum.add += more.add;
}
