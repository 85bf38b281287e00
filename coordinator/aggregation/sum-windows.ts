import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import type { BlobStore } from '../blobs/blob-store.js';
import { sumTaskOf, type SumOrder, type SumReply, type SumRequest } from './sum-messages.js';
import { elementsOf, UpdateRefused, WindowSummer, type SumSeconds } from './sum-window.js';
import { windowsOf } from './windows.js';

/** More would only take memory: two keep up with the disk. */
const MAX_WORKERS = 2;
/** Below this many numbers over all updates a thread takes longer to start than to sum. */
const WORTH_A_THREAD = 4 * 1024 * 1024;

/**
 * All windows of the next global model in order, each as the values of its tensors one behind the other. One is good until
 * the next is asked for.
 * @param seconds is added to
 * @throws {UpdateRefused} the first update that cannot be read
 * @throws {FederationError} `WEIGHTS_INVALID` when the mean is not finite
 */
export async function* sumWindows(
  blobs: BlobStore,
  order: SumOrder,
  seconds: SumSeconds,
): AsyncGenerator<Float32Array> {
  const windows = windowsOf(order.model);
  const sizes = windows.map(elementsOf);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const longest = Math.max(...sizes);
  if (total * order.updates.length < WORTH_A_THREAD) {
    const summer = new WindowSummer(blobs, sumTaskOf(order));
    const target = new Float32Array(longest);
    for (const window of windows) yield await summer.sum(window, target);
    addSeconds(seconds, summer.seconds);
    return;
  }
  const count = Math.min(MAX_WORKERS, availableParallelism(), windows.length);
  const threads = Array.from({ length: count }, () => new SumThread(order, longest));
  try {
    // Window w is thread w mod count's. A thread begins its next one when the last has been taken: it has one memory.
    const results = threads.map((thread, index) => awaitedLater(thread.sum(index)));
    for (let window = 0; window < windows.length; window += 1) {
      const own = window % count;
      yield await (results[own] as Promise<Float32Array>);
      const next = window + count;
      if (next < windows.length) results[own] = awaitedLater((threads[own] as SumThread).sum(next));
    }
    for (const thread of threads) addSeconds(seconds, thread.seconds);
  } finally {
    await Promise.all(threads.map((thread) => thread.end()));
  }
}

class SumThread {
  readonly #worker: Worker;
  #target: Float32Array;
  seconds: SumSeconds = { open: 0, add: 0 };

  /** @param longest numbers of the largest window */
  constructor(order: SumOrder, longest: number) {
    this.#worker = new Worker(new URL('sum-worker.js', import.meta.url), { workerData: order });
    this.#target = new Float32Array(longest);
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
          this.#target = reply.target;
          resolve(reply.target.subarray(0, reply.elements));
        } else if (reply.kind === 'refused') reject(new UpdateRefused(reply.site, reply.reason));
        else reject(new FederationError('WEIGHTS_INVALID', reply.reason));
      };
      const onError = (error: unknown): void => {
        settle();
        reject(error instanceof Error ? error : new Error(String(error)));
      };
      this.#worker.on('message', onReply);
      this.#worker.on('error', onError);
      const request: SumRequest = { window, target: this.#target };
      this.#worker.postMessage(request, [this.#target.buffer as ArrayBuffer]);
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

function addSeconds(sum: SumSeconds, more: SumSeconds): void {
  sum.open += more.open;
  sum.add += more.add;
}
