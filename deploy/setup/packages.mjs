import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from './run-command.mjs';

/**
 * Runs `npm ci` unless what is installed is what package-lock.json asks for. npm keeps its own record of the
 * installed tree in node_modules/.package-lock.json and writes it last, so an interrupted install counts as none.
 * @param {string} checkout
 * @param {import('./progress.mjs').Progress} progress
 */
export async function installPackages(checkout, progress) {
  if (isInstalled(checkout)) return;
  await progress.step('installing the npm packages (npm ci)', () =>
    runCommand('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: checkout }),
  );
}

/**
 * @typedef {{ version?: string, integrity?: string, link?: boolean, optional?: boolean, devOptional?: boolean }} LockEntry
 * @typedef {{ packages: Record<string, LockEntry> }} Lock
 */

/** @param {string} checkout */
function isInstalled(checkout) {
  try {
    const wanted = readLock(join(checkout, 'package-lock.json'));
    const installed = readLock(join(checkout, 'node_modules', '.package-lock.json'));
    return missingPackages(wanted, installed).length === 0;
  } catch {
    return false;
  }
}

/**
 * Packages of the lock file that are not installed in that version. An optional one may be absent: it belongs to
 * another platform or could not be installed.
 * @param {Lock} wanted
 * @param {Lock} installed
 * @returns {string[]}
 */
export function missingPackages(wanted, installed) {
  return Object.entries(wanted.packages)
    .filter(([path, entry]) => {
      if (!path.startsWith('node_modules/') && !path.includes('/node_modules/')) return false; // a workspace itself
      const found = installed.packages[path];
      if (found === undefined) return entry.optional !== true && entry.devOptional !== true;
      return (
        found.version !== entry.version || found.integrity !== entry.integrity || found.link !== entry.link
      );
    })
    .map(([path]) => path);
}

/** @param {string} file */
function readLock(file) {
  return /** @type {Lock} */ (JSON.parse(readFileSync(file, 'utf8')));
}
