import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { pause, type RetryOptions } from '../../agent/back-off.js';
import { untilWithin, type WorkHours } from '../../agent/work-hours.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { bringInFilms, type BringInOptions, type DicomImportSummary } from '../door/bring-in-films.js';
import { FilmRegister } from '../door/film-register.js';
import { PRIVATE_FOLDER } from '../door/site-secret.js';
import { findFilms } from './find-films.js';
import type { FilmQuery, Pacs } from './pacs.js';
import { NOT_NOW, PacsSupply } from './pacs-supply.js';

/** In the private folder: the films that were not given, by the hospital's own names, and what became of the rest. */
export const PULL_REPORT = 'pull-report.json';
const IMPORT_REPORT = 'import-report.json';

export interface PullOptions extends Omit<BringInOptions, 'onProgress'> {
  readonly query: FilmQuery;
  readonly filmsPerSecond: number | null;
  readonly hours: WorkHours | null;
  /** End when the hours end, or before they begin, instead of waiting for the next. */
  readonly once: boolean;
  readonly limit: number;
  readonly attempts: number;
  readonly signal: AbortSignal;
  readonly onRetry: NonNullable<RetryOptions['onRetry']>;
  readonly onFinding: (done: number, total: number) => void;
  readonly onProgress: (done: number, total: number) => void;
  readonly onWaiting: (until: Date) => void;
}

export interface PullSummary {
  readonly pacs: string;
  readonly out: string;
  readonly dryRun: boolean;
  readonly query: FilmQuery;
  /** Films of the PACS that fit; those of them that were here before; and what this run fetched. */
  readonly found: number;
  readonly known: number;
  readonly fetched: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Films that are still missing, by reason. */
  readonly missing: Readonly<Record<string, number>>;
  /** What the door made of the fetched films, and the catalogue that follows; null in a dry run. */
  readonly import: Pick<
    DicomImportSummary,
    'files' | 'films' | 'patients' | 'classes' | 'quarantine' | 'reasons' | 'notes' | 'refused'
  > | null;
}

export interface Pulled {
  readonly summary: PullSummary;
  /** Why it ended early, or what is left to do; null when everything is here. */
  readonly failure: FederationError | null;
}

/**
 * Brings the films of a PACS that fit the query and are not here yet through the door. The register is the journal: a film is
 * in it or it is fetched again, so a pull that was killed goes on where it was. What goes over a border of the allowed hours
 * goes on when they begin again; the catalogue is whole in between.
 * @throws {FederationError} `NO_USABLE_FILMS` when the PACS has no film that fits and there is none here; what `findFilms`
 *   and `bringInFilms` throw
 */
export async function pull(pacs: Pacs, options: PullOptions): Promise<Pulled> {
  const { signal, hours, once, dryRun } = options;
  const begun = performance.now();
  const before = { fetched: 0, bytes: 0 };
  let last: Pulled | null = null;
  for (;;) {
    const wait = hours === null ? 0 : untilWithin(hours, new Date());
    if (wait > 0 && !dryRun) {
      if (once)
        return (
          last ?? {
            summary: emptySummary(pacs, options),
            failure: incomplete('The allowed hours have not begun'),
          }
        );
      const isOver = await stopped(wait, options);
      if (isOver && last !== null) return last;
      if (isOver)
        return { summary: emptySummary(pacs, options), failure: incomplete('The pull was stopped') };
    }
    const part = await (dryRun ? count(pacs, options) : pullPart(pacs, options, before.fetched)).catch(
      (error: unknown) => {
        if (!signal.aborted) throw error;
        return { summary: emptySummary(pacs, options), failure: incomplete('The pull was stopped') };
      },
    );
    const fetched = before.fetched + part.summary.fetched;
    const bytes = before.bytes + part.summary.bytes;
    const seconds = Math.round(performance.now() - begun) / 1000;
    last = { ...part, summary: { ...part.summary, fetched, bytes, seconds } };
    Object.assign(before, { fetched, bytes });
    const isOnlyLate = (part.summary.missing[NOT_NOW.hours] ?? 0) > 0 && !signal.aborted;
    if (dryRun || once || !isOnlyLate) return last;
  }
}

/** @returns true when the pull is to end instead */
async function stopped(ms: number, { signal, onWaiting }: PullOptions): Promise<boolean> {
  onWaiting(new Date(Date.now() + ms));
  return pause(ms, signal).then(
    () => false,
    () => true,
  );
}

/** One search, and all that it found as long as the hours last. @param before films that this run fetched already */
async function pullPart(pacs: Pacs, options: PullOptions, before: number): Promise<Pulled> {
  const { signal, attempts, onRetry, query, out, hours, filmsPerSecond } = options;
  const limit = options.limit - before;
  const films = await findFilms(pacs, query, { signal, attempts, onRetry, onProgress: options.onFinding });
  const supply = new PacsSupply(pacs, films, { signal, filmsPerSecond, hours, limit, attempts, onRetry });
  const { summary, notNow } = await bringInFilms(supply, IMPORT_REPORT, options);
  const { fetched, bytes } = supply.counts;
  const missing: Record<string, number> = {};
  for (const { why } of notNow) missing[why] = (missing[why] ?? 0) + 1;
  const pulled: PullSummary = {
    ...emptySummary(pacs, options),
    ...{ found: films.length, known: summary.files.known, fetched, bytes, missing },
    import: importPart(summary),
  };
  const later: readonly string[] = Object.values(NOT_NOW);
  const refused = notNow.filter(({ why }) => !later.includes(why));
  const report = { ...pulled, notGiven: refused.map(({ name, why }) => ({ instance: name, why })) };
  await writeFileAtomic(
    join(out, PRIVATE_FOLDER, PULL_REPORT),
    `${JSON.stringify(report, null, 1)}\n`,
    0o600,
  );
  if (supply.failure !== null) return { summary: pulled, failure: supply.failure };
  return {
    summary: pulled,
    failure: notNow.length === 0 ? null : incomplete(`${notNow.length} films are still missing`),
  };
}

/** What a pull would fetch. */
async function count(pacs: Pacs, options: PullOptions): Promise<Pulled> {
  const { signal, attempts, onRetry, query, out, limit } = options;
  const films = await findFilms(pacs, query, { signal, attempts, onRetry, onProgress: options.onFinding });
  const register = await FilmRegister.open(out, true);
  const supply = new PacsSupply(pacs, films, {
    signal,
    attempts,
    onRetry,
    limit,
    filmsPerSecond: null,
    hours: null,
  });
  const origins = await Promise.all(supply.names.map((name) => supply.originOf(name)));
  const known = origins.filter((origin) => register.known(origin) !== null).length;
  return { summary: { ...emptySummary(pacs, options), found: films.length, known }, failure: null };
}

function incomplete(what: string): FederationError {
  return new FederationError('PULL_INCOMPLETE', `${what}.`);
}

function emptySummary({ place }: Pacs, { out, dryRun, query }: PullOptions): PullSummary {
  const none = { found: 0, known: 0, fetched: 0, bytes: 0, seconds: 0, missing: {} };
  return { ...{ pacs: place, out, dryRun, query }, ...none, import: null };
}

function importPart(summary: DicomImportSummary): NonNullable<PullSummary['import']> {
  const { files, films, patients, classes, quarantine, reasons, notes, refused } = summary;
  return { files, films, patients, classes, quarantine, reasons, notes, refused };
}
