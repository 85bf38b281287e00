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

/**
 * The one file with this ending, or the one that is named.
 * @throws {FederationError} `DATA_MISSING` without it, `USAGE` when there are several
 */
export function oneFile(source: FilmSource, ending: string, wanted: string | null): string {
  const matching = source.names.filter(
    (name) => name.endsWith(ending) && (wanted === null || `/${name}`.endsWith(`/${wanted}`)),
  );
  const [only, ...others] = matching;
  if (only === undefined)
    throw new FederationError('DATA_MISSING', `${source.path} holds no ${wanted ?? `${ending} file`}.`);
  if (others.length > 0)
    throw new FederationError(
      'USAGE',
      `${source.path} holds ${matching.length} such ${ending} files: name one with --file.`,
    );
  return only;
}
