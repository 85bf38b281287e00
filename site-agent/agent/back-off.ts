import { FederationError } from '@fedoxnet/shared/errors';

const FIRST_MS = 250;
const LONGEST_MS = 30_000;

/**
 * Pause before try number `failures` + 1: doubles from 0.25 s to 30 s, then shortened by up to half at random, so that
 * the sites of a consortium do not all come back in the same instant.
 * @param failures ≥ 1
 */
export function backOffMs(failures: number, random: () => number = Math.random): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures - 1, 20));
  return longest * (1 - random() / 2);
}

/** Resolves after `ms`, or rejects with the signal's own reason as soon as it is aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason as Error);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}

export interface RetryOptions {
  readonly signal: AbortSignal;
  /** Tries in a row; without it the task is tried until it succeeds, is refused for good, or the signal ends it. */
  readonly attempts?: number;
  readonly onRetry?: (error: FederationError, waitMs: number) => void;
  /** Failures that are tried again; by default those whose table entry says that it can help. */
  readonly isPassing?: (error: FederationError) => boolean;
}

/**
 * Runs `task` again while it fails with an error whose table entry says that a retry can help.
 * @param task calls `progressed` when it got something done, so that a long transfer over a bad line keeps its short pauses
 */
export async function withRetries<T>(
  task: (progressed: () => void) => Promise<T>,
  options: RetryOptions,
): Promise<T> {
  const isPassing = options.isPassing ?? ((error) => error.entry.retry);
  let failures = 0;
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await task(() => (failures = 0));
    } catch (error) {
      options.signal.throwIfAborted();
      if (!(error instanceof FederationError) || !isPassing(error)) throw error;
      failures += 1;
      if (failures >= (options.attempts ?? Infinity)) throw error;
      const waitMs = backOffMs(failures);
      options.onRetry?.(error, waitMs);
      await pause(waitMs, options.signal);
    }
  }
}
