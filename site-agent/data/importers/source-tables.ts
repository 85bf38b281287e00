import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { FilmSource } from './film-source.js';
import type { TableFile } from './label-table.js';

/** The label table called `wanted`, plain or .gz, wherever in the source it lies; the one nearest to the top. */
export function findTable(source: FilmSource, wanted: string | RegExp): TableFile | null {
  const is = (base: string): boolean =>
    typeof wanted === 'string' ? base.toLowerCase() === wanted.toLowerCase() : wanted.test(base);
  const depth = (name: string): number => name.split('/').length;
  const [found] = source.names
    .filter((name) => is(name.slice(name.lastIndexOf('/') + 1).replace(/\.gz$/i, '')))
    .sort((a, b) => depth(a) - depth(b) || a.localeCompare(b));
  return found === undefined ? null : { name: found, open: () => source.open(found) };
}

/** @throws {FederationError} `DATA_MISSING` */
export function requireTable(source: FilmSource, wanted: string | RegExp): TableFile {
  const found = findTable(source, wanted);
  if (found !== null) return found;
  const name =
    typeof wanted === 'string' ? join(source.path, wanted) : `${source.path}, ${patternText(wanted)}`;
  throw new FederationError('DATA_MISSING', `${name} is not there.`);
}

/** `/^Data_Entry_2017.*\.csv$/i` → `Data_Entry_2017*.csv`. */
function patternText({ source }: RegExp): string {
  return source
    .replace(/^\^|\$$/g, '')
    .replaceAll('.*', '*')
    .replaceAll('\\.', '.');
}
