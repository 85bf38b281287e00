import { availableParallelism } from 'node:os';
import type { BlobStore } from '../blobs/blob-store.js';
import { strategyOfPlan } from './strategy-of-plan.js';
import { sumTaskOf, type SumOrder } from './sum-messages.js';
import type { SumSeconds } from './sum-task.js';
import type { SumThread } from './sum-thread.js';
import type { SumThreads } from './sum-threads.js';
import { partLengths, partsOf, WindowSummer } from './sum-window.js';
import { addSurvey, emptySurvey, verdictOf, type Verdict } from './survey.js';
import { WindowSurveyor } from './survey-window.js';
import { windowsOfOrder } from './windows-of-order.js';
import { longestOf, type Window } from './windows.js';

/** More would only take memory: two keep up with the disk. */
const MAX_WORKERS = 2;
/** Fewer numbers over all updates are summed in 10 ms: nobody waits for that, and no thread is started. */
const WORTH_A_THREAD = 1024 * 1024;

/** Where sums are done. */
export interface SumPlace {
  readonly blobs: BlobStore;
  readonly threads: SumThreads;
}

/**
 * Looks at all updates of a round, where the plan has a rule that judges an update as a whole.
 * @param seconds is added to
 * @throws {UpdateRefused} the first update that cannot be read
 */
export async function judgeUpdates(place: SumPlace, order: SumOrder, seconds: SumSeconds): Promise<Verdict> {
  const { aggregation, updates } = order;
  if (strategyOfPlan(aggregation).survey === 'nothing') return verdictOf(aggregation, updates.length, null);
  const windows = windowsOfOrder(order, 'survey');
  const total = emptySurvey(updates.length);
  const surveys = overWindows(place.threads, windows, order, seconds, {
    here: () => {
      const surveyor = new WindowSurveyor(place.blobs, sumTaskOf(order), longestOf(windows));
      return { work: (window) => surveyor.survey(window), seconds: () => surveyor.seconds };
    },
    there: (thread) => async (_window, index) => (await thread.ask({ kind: 'survey', window: index })).survey,
  });
  for await (const survey of surveys) addSurvey(total, survey);
  return verdictOf(aggregation, updates.length, total);
}

/**
 * What comes of all windows, in order: each as its parts (`partLengths`), the weights of the next global model first. One is
 * good until the next is asked for.
 * @param seconds is added to
 * @throws {UpdateRefused} the first update that cannot be read
 * @throws {FederationError} `WEIGHTS_INVALID` when the result is not finite
 */
export function sumWindows(
  place: SumPlace,
  order: SumOrder,
  verdict: Verdict,
  seconds: SumSeconds,
): AsyncGenerator<readonly Float32Array[]> {
  const windows = windowsOfOrder(order, 'sum');
  const task = sumTaskOf(order);
  const lengths = (window: Window): number =>
    partLengths(task, window).reduce((sum, length) => sum + length, 0);
  const longest = Math.max(...windows.map(lengths));
  return overWindows(place.threads, windows, order, seconds, {
    here: () => {
      const summer = new WindowSummer(place.blobs, task, longestOf(windows));
      const target = new Float32Array(longest);
      return { work: (window) => summer.sum(window, verdict, target), seconds: () => summer.seconds };
    },
    there: (thread) => {
      // Moved to the thread and back, again and again.
      let target = new Float32Array(longest);
      return async (window, index) => {
        ({ target } = (await thread.ask({ kind: 'sum', window: index, verdict, target })) as {
          target: Float32Array<ArrayBuffer>;
        });
        return partsOf(partLengths(task, window), target);
      };
    },
  });
}

type Work<T> = (window: Window, index: number) => Promise<T>;

/** The same work, in this thread or in another. */
interface Workplace<T> {
  readonly here: () => { readonly work: Work<T>; readonly seconds: () => SumSeconds };
  readonly there: (thread: SumThread) => Work<T>;
}

/** Results of all windows in order; one is good until the next is asked for. */
async function* overWindows<T>(
  pool: SumThreads,
  windows: readonly Window[],
  order: SumOrder,
  seconds: SumSeconds,
  { here, there }: Workplace<T>,
): AsyncGenerator<T> {
  const elements = [...order.model.tensors.values()].reduce((sum, tensor) => sum + tensor.elements, 0);
  if (elements * order.updates.length < WORTH_A_THREAD) {
    const { work, seconds: spent } = here();
    for (const [index, window] of windows.entries()) yield await work(window, index);
    addSeconds(seconds, spent());
    return;
  }
  const count = Math.min(MAX_WORKERS, availableParallelism(), windows.length);
  const threads = await pool.begin(order, count);
  // Window w is thread w mod count's. A thread begins its next one when the last has been taken: it has one memory.
  const works = threads.map(there);
  const begin = (index: number): Promise<T> =>
    awaitedLater((works[index % count] as Work<T>)(windows[index] as Window, index));
  const results = works.map((_, index) => begin(index));
  try {
    for (let index = 0; index < windows.length; index += 1) {
      yield await (results[index % count] as Promise<T>);
      if (index + count < windows.length) results[index % count] = begin(index + count);
    }
    for (const thread of threads) addSeconds(seconds, thread.seconds);
  } finally {
    await Promise.allSettled(results);
    await pool.giveBack(threads);
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
