import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Lets one set-up at a time work in a checkout (`npm test` beside `npm run demo` on a fresh clone). A lock whose
 * process is gone is taken over.
 * @template T
 * @param {string} checkout
 * @param {import('./progress.mjs').Progress} progress
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetupLock(checkout, progress, work) {
  mkdirSync(join(checkout, '.cache'), { recursive: true });
  const lock = join(checkout, '.cache', 'setup.lock');
  for (let waited = false; !take(lock); waited = true) {
    if (!waited) progress.say('waiting for another set-up of this checkout');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function take(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!ownerIsAlive(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** @param {string} lock */
function ownerIsAlive(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'));
    // An empty file is a lock taken this instant.
    return owner === 0 || process.kill(owner, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
