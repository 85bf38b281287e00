import { InvalidArgumentError, Option } from 'commander';
import { BACKENDS } from '../config.js';
import { parseIous } from '../evaluation/iou-thresholds.js';

/** Parsers for option values; commander turns what they throw into a one-line usage error that names the option. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
      throw new InvalidArgumentError(`Give a whole number, ${range}.`);
    }
    return value;
  };
}

export function numberBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() === '' || !(value >= least && value <= most)) {
      throw new InvalidArgumentError(`Give a number from ${least} to ${most}.`);
    }
    return value;
  };
}

/** `.5:.95:.05` or `.4,.5` → thresholds, rising. */
export function iouValues(text: string): number[] {
  const ious = parseIous(text);
  if (ious === null) {
    throw new InvalidArgumentError('Give FROM:TO:STEP, or numbers with commas, above 0 and up to 1.');
  }
  return ious;
}

/** `a,b,c` → the three names. */
export function nameList(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('Give names with commas between them.');
  return names;
}

/** 0 for a free one. */
export const portValue = wholeNumber(0, 65_535);

export function planHashValue(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new InvalidArgumentError('Give all 64 hexadecimal digits of the plan hash.');
  }
  return text;
}

export function homeOption(): Option {
  return new Option('--home <dir>', "the agent's own folder: keys, journal, work").env('FEDOXNET_HOME');
}

export function dataOption(): Option {
  return new Option('--data <dir>', 'folder with catalogue.json and its films').env('FEDOXNET_DATA');
}

export function splitOption(): Option {
  return new Option('--split <name>', 'which films of the catalogue')
    .choices(['train', 'val'])
    .default('val');
}

export function cacheOption(): Option {
  return new Option('--cache <dir>', 'keep decoded films there (default: a folder that is removed)');
}

export function jsonOption(): Option {
  return new Option('--json', 'print one JSON document on stdout, all else on stderr');
}

export function backendOption(): Option {
  return new Option('--backend <name>', 'numerical backend; auto takes gpu, else cpu, else wasm')
    .choices(BACKENDS)
    .default('auto')
    .env('FEDOXNET_BACKEND');
}

export function threadsOption(): Option {
  return new Option('--threads <n>', 'threads of the backend (default: its own choice)')
    .argParser(wholeNumber(1, 1024))
    .env('FEDOXNET_THREADS');
}
