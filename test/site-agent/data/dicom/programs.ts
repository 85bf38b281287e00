import { spawnSync } from 'node:child_process';
import type { Context } from 'mocha';
import { skipBecause } from '../../../support/skip-because.js';

/** Skips when one of the programs of dcmtk or gdcm is not installed. */
export function requirePrograms(context: Context, ...names: readonly string[]): void {
  const missing = names.find((name) => spawnSync(name, ['--version']).error !== undefined);
  if (missing !== undefined) skipBecause(context, `${missing} is not installed`);
}

export function runProgram(name: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(name, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
  return stdout;
}
