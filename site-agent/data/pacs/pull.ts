import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { pause, type RetryOptions } from '../../agent/back-off.js';
import { untilWithin, type WorkHours } from '../../agent/work-hours.js';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { bringInFilms, type BringInOptions, type DicomImportSummary } from '../door/bring-in-films.js';
import { FilmRegister } from '../door/film-register.js';
import { PRIVATE_FOLDER } from '../door/site-secret.js';
import { findFilms } from './find-films.js';
import type { FilmPlace, FilmQuery, Pacs } from './pacs.js';
import { NOT_NOW, pacsOrigin, PacsSupply } from './pacs-supply.js';

/** In the private folder: the films that were not given, by the hospital's own names, and what became of the rest. */
export const PULL_REPORT = 'pull-report.json';
const IMPORT_REPORT = 'import-report.json';

export interface PullOptions extends Omit<BringInOptions, 'onProgress'> {
  readonly query: FilmQuery;
  readonly filmsPerSecond: number | null;
  readonly hours: WorkHours | null;
  readonly now: () => Date;
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
  /** False when the search was not finished: there may be more films than were found. */
  readonly searched: boolean;
  /** Films of the PACS that fit; those of them that were here before; and what this run fetched. */
  readonly found: number;
  readonly known: number;
  readonly fetched: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Films that are still missing, by reason. */
  readonly missing: Readonly<Record<string, number>>;
  /** What the door made of the films of the last stretch of hours, and the catalogue that follows; null in a dry run. */
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
  if (options.dryRun) return count(pacs, options);
  const begun = performance.now();
  let pulled = nothingPulled(pacs, options, 'The allowed hours have not begun');
  while (await hoursBegin(options)) {
    const before = pulled.summary;
    const part = await pullPart(pacs, options, before.fetched);
    pulled = {
      failure: part.failure,
      summary: {
        ...part.summary,
        known: part.summary.known - before.fetched,
        fetched: part.summary.fetched + before.fetched,
        bytes: part.summary.bytes + before.bytes,
        seconds: Math.round(performance.now() - begun) / 1000,
      },
    };
    if (options.once || !part.isLate || options.signal.aborted) break;
  }
  return pulled;
}

/** Waits for the allowed hours. @returns false when the pull is to end instead */
async function hoursBegin({ hours, now, once, signal, onWaiting }: PullOptions): Promise<boolean> {
  const wait = hours === null ? 0 : untilWithin(hours, now());
  if (wait === 0) return true;
  if (once) return false;
  onWaiting(new Date(now().getTime() + wait));
  return pause(wait, signal).then(
    () => true,
    () => false,
  );
}

/** @param isLate the allowed hours ended before it did */
type PulledPart = Pulled & { readonly isLate: boolean };

/** One search, and what it finds as long as the hours last. @param before films that this run fetched already */
async function pullPart(pacs: Pacs, options: PullOptions, before: number): Promise<PulledPart> {
  const { onFinding } = options;
  const over = new AbortController();
  let isComing = false;
  const found = search(pacs, {
    ...{ ...options, signal: AbortSignal.any([options.signal, over.signal]) },
    onFinding: (done, total) => void (isComing || onFinding(done, total)),
  });
  try {
    return await bringIn(pacs, found, before, {
      ...options,
      onProgress: (done, total) => {
        isComing = true;
        options.onProgress(done, total);
      },
    });
  } finally {
    over.abort(); // the search, where the films came to an end before it
  }
}

async function bringIn(
  pacs: Pacs,
  found: AsyncIterable<FilmPlace>,
  before: number,
  options: PullOptions,
): Promise<PulledPart> {
  const supply = new PacsSupply(pacs, found, { ...options, limit: options.limit - before });
  if (!(await supply.hasFilms())) {
    if (supply.searchFailure !== null) throw supply.searchFailure;
    if (supply.unsearched !== null)
      return { ...nothingPulled(pacs, options, 'The pull was stopped'), isLate: false };
  }
  const { summary, notNow } = await bringInFilms(supply, IMPORT_REPORT, options);
  const missing: Record<string, number> = {};
  for (const { why } of notNow) missing[why] = (missing[why] ?? 0) + 1;
  const { unsearched, searchFailure } = supply;
  const pulled: PullSummary = {
    ...emptySummary(pacs, options),
    searched: unsearched === null && searchFailure === null,
    ...{ found: supply.total, known: summary.files.known, ...supply.counts, missing },
    import: importPart(summary),
  };
  const later: readonly string[] = Object.values(NOT_NOW);
  const refused = notNow.filter(({ why }) => !later.includes(why));
  const report = { ...pulled, notGiven: refused.map(({ name, why }) => ({ instance: name, why })) };
  const path = join(options.out, PRIVATE_FOLDER, PULL_REPORT);
  await writeFileAtomic(path, `${JSON.stringify(report, null, 1)}\n`, 0o600);
  return {
    summary: pulled,
    failure: supply.failure ?? searchFailure ?? whatIsLeft(notNow.length, unsearched),
    isLate: unsearched === NOT_NOW.hours || (missing[NOT_NOW.hours] ?? 0) > 0,
  };
}

function whatIsLeft(missing: number, unsearched: string | null): FederationError | null {
  if (missing === 0 && unsearched === null) return null;
  const films = `${missing} films are still missing`;
  return incomplete(unsearched === null ? films : `${films}, and the search is not finished`);
}

/** What a pull would fetch. */
async function count(pacs: Pacs, options: PullOptions): Promise<Pulled> {
  const films: FilmPlace[] = [];
  for await (const film of search(pacs, options)) films.push(film);
  const register = await FilmRegister.open(options.out, true);
  const known = films.filter(({ instance }) => register.known(pacsOrigin(pacs.place, instance)) !== null);
  const summary = { ...emptySummary(pacs, options), found: films.length, known: known.length };
  return { summary, failure: null };
}

function search(pacs: Pacs, { query, signal, attempts, onRetry, onFinding }: PullOptions) {
  return findFilms(pacs, query, { signal, attempts, onRetry, onProgress: onFinding });
}

function nothingPulled(pacs: Pacs, options: PullOptions, why: string): Pulled {
  return { summary: { ...emptySummary(pacs, options), searched: false }, failure: incomplete(why) };
}

function incomplete(what: string): FederationError {
  return new FederationError('PULL_INCOMPLETE', `${what}.`);
}

function emptySummary({ place }: Pacs, { out, dryRun, query }: PullOptions): PullSummary {
  const none = { searched: true, found: 0, known: 0, fetched: 0, bytes: 0, seconds: 0, missing: {} };
  return { ...{ pacs: place, out, dryRun, query }, ...none, import: null };
}

function importPart(summary: DicomImportSummary): NonNullable<PullSummary['import']> {
  const { files, films, patients, classes, quarantine, reasons, notes, refused } = summary;
  return { files, films, patients, classes, quarantine, reasons, notes, refused };
}
