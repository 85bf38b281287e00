import type { Context, Suite, Test } from 'mocha';

const reasons = new WeakMap<object, string>();

/**
 * Skips the test, or in a `before` hook the whole suite, and has the reporter print why.
 * @returns never: mocha leaves the test by an exception
 */
export function skipBecause(context: Context, reason: string): never {
  const runnable = context.test;
  if (runnable !== undefined) {
    // In a hook, `test` is the hook: what is skipped is its suite.
    const isHook = 'type' in runnable && runnable.type === 'hook';
    reasons.set(isHook ? (runnable.parent ?? runnable) : runnable, reason);
  }
  return context.skip();
}

/** The reason that `skipBecause` got for this test or suite. */
export function reasonGiven(owner: Test | Suite): string | undefined {
  return reasons.get(owner);
}
