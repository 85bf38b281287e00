import type { Failpoint } from './failpoints.js';

type Hook = (name: Failpoint) => void;

let hook: Hook | null = null;

/**
 * Marks a moment at which tests interrupt the process. Does nothing in a program that was started as people start it:
 * only a module that a test loads before the program gives a hook, so no setting of ours can reach this in production.
 * @throws whatever the hook throws, in place of the work that follows
 */
export function failpoint(name: Failpoint): void {
  hook?.(name);
}

/** For the module that a test loads into a process (`test/chaos/support/arm.ts`). */
export function onFailpoint(next: Hook | null): void {
  hook = next;
}
