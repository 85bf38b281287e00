import { randomInt } from 'node:crypto';

/** How many inputs: `usual` in the tests of every day, what the variable says in `npm run fuzz`. */
export function fuzzCount(variable: string, usual: number): number {
  return Number(process.env[variable] ?? usual);
}

/** The same for all targets of a run; FEDOXNET_FUZZ_SEED repeats one. */
export const FUZZ_SEED = Number(process.env['FEDOXNET_FUZZ_SEED'] ?? randomInt(2 ** 31));

/** For runs of many minutes: a line on stderr after every `every` inputs. */
export function sayProgress(what: string, done: number, count: number, every = 10_000): void {
  if (count > every && done > 0 && done % every === 0) process.stderr.write(`${done} of ${count} ${what}\n`);
}
