import { createHash } from 'node:crypto';
import { join, relative, resolve, sep } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeCatalogue } from '../catalogue-file.js';
import type { Catalogue, FilmRecord } from '../film.js';
import { writeLabelMap, type LabelMap } from '../label-map.js';
import { chooseLabelMap, type MapChoice } from './choose-label-map.js';
import { assignSplits, type SplitRule } from './assign-split.js';
import { countClasses, countSplits } from './count-readings.js';
import { readFilmFile } from './film-file.js';
import { FilmIndex } from './film-index.js';
import { readFilm, type UncertainPolicy } from './film-reading.js';
import { openSource, type FilmSource } from './film-source.js';
import { ImportReport, writeImportReport, type ImportSummary } from './import-report.js';
import { measureFilm } from './measure-film.js';
import { readPatients } from './patient-table.js';
import type { Importer, SourceFilm } from './source-film.js';

export const REPORT_FILE = 'import-report.json';

export interface ImportOptions extends MapChoice {
  readonly importer: Importer;
  /** Folder or .zip with the label tables, and with the films unless `films` names another. */
  readonly source: string;
  readonly films?: string | undefined;
  /** Gets `catalogue.json`, `label-map.json`, `import-report.json`, and `films/` when they come from an archive. */
  readonly out: string;
  readonly split: SplitRule;
  /** Table that says whose each film is. */
  readonly patients?: string | undefined;
  readonly uncertain: UncertainPolicy;
  readonly grid?: { readonly width: number; readonly height: number } | undefined;
  /** Decodes every film once: what is damaged is refused, and its mean grey level is known. */
  readonly verify: boolean;
  readonly dryRun: boolean;
  /** Where the report goes instead of `out`; written in a dry run too. */
  readonly report?: string | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Films that are looked at side by side: enough to keep a disk busy. */
const PARALLEL = 32;

/**
 * Makes a site's catalogue of one published or plain format. A row or film that cannot be used is refused in the report
 * with its place and reason and stops nothing; the catalogue is written as a whole or, in a dry run, not at all.
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID` for tables, archives or maps that cannot be read; `USAGE`
 *   for a class that the map does not have; `NO_USABLE_FILMS` when nothing is left
 */
export async function runImport(options: ImportOptions): Promise<ImportSummary> {
  const tables = await openSource(options.source);
  const films =
    options.films === undefined
      ? tables
      : await openSource(options.films).catch(async (error) => {
          await tables.close();
          throw error as Error;
        });
  try {
    return await importFrom(tables, films, options);
  } finally {
    await tables.close();
    if (films !== tables) await films.close();
  }
}

async function importFrom(
  tables: FilmSource,
  films: FilmSource,
  options: ImportOptions,
): Promise<ImportSummary> {
  const { importer, out, dryRun } = options;
  const report = new ImportReport();
  const described = await describedFilms(tables, options, report);
  const { map, fresh } = await chooseLabelMap(options, described);
  const splits = assignSplits(described, options.split);
  const records = await recordsOf(described, films, { ...options, rules: { map, splits } }, report);
  const catalogue: Catalogue = {
    version: 1,
    source: importer.format,
    classes: Object.keys(map.classes),
    films: records,
  };
  const summary: ImportSummary = {
    format: importer.format,
    source: options.source,
    out,
    dryRun,
    rows: Object.fromEntries(report.rows),
    ...countSplits(records),
    classes: countClasses(catalogue),
    notes: [...report.notes],
    refused: report.inOrder(),
  };
  const reportPath = options.report ?? (dryRun ? null : join(out, REPORT_FILE));
  if (reportPath !== null) await writeImportReport(reportPath, summary);
  if (records.length === 0) {
    const [first] = report.refused;
    const why = first === undefined ? '' : `; the first refusal: ${first.reason}`;
    throw new FederationError(
      'NO_USABLE_FILMS',
      `None of the ${described.length} films that ${options.source} describes can be used${why}.`,
    );
  }
  if (dryRun) return summary;
  if (fresh !== null) await writeLabelMap(out, fresh);
  await writeCatalogue(out, catalogue);
  return summary;
}

/** The films in the order of the source, each once, under the patient that the table of patients names. */
async function describedFilms(
  source: FilmSource,
  { importer, patients }: ImportOptions,
  report: ImportReport,
): Promise<SourceFilm[]> {
  const patientOf = patients === undefined ? null : await readPatients(patients, report);
  const films = new Map<string, SourceFilm>();
  for await (const film of importer.films({ source, report })) {
    if (films.has(film.key)) {
      report.refuse(film.at, `${film.key} is listed twice`);
      continue;
    }
    const patient = patientOf === null ? film.patient : patientOf.get(film.key);
    if (patient === undefined) report.refuse(film.at, `${film.key} is not in ${String(patients)}`);
    else films.set(film.key, { ...film, patient });
  }
  return [...films.values()];
}

type RecordOptions = ImportOptions & {
  readonly rules: { readonly map: LabelMap; readonly splits: ReadonlyMap<string, FilmRecord['split']> };
};

async function recordsOf(
  described: readonly SourceFilm[],
  films: FilmSource,
  options: RecordOptions,
  report: ImportReport,
): Promise<FilmRecord[]> {
  const index = new FilmIndex(films.names);
  const records: (FilmRecord | null)[] = described.map(() => null);
  const taken = new Set<string>();
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (let at = next++; at < described.length; at = next++) {
      const film = described[at]!;
      const found = index.findFirst(film.files);
      if ('missing' in found) report.refuse(film.at, found.missing);
      else if (taken.has(found.name)) report.refuse(film.at, `${found.name} is already another film's file`);
      else {
        taken.add(found.name);
        records[at] = await toRecord(film, found.name, films, options, report);
      }
      options.onProgress?.(++done, described.length);
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return records.filter((record) => record !== null);
}

async function toRecord(
  film: SourceFilm,
  name: string,
  films: FilmSource,
  options: RecordOptions,
  report: ImportReport,
): Promise<FilmRecord | null> {
  const { importer, out, uncertain, grid, dryRun, verify } = options;
  const { map, splits } = options.rules;
  const id = `${importer.format}-${digest(film.key)}`;
  try {
    const { ending, width, height } = await readFilmFile(films, name);
    const path = films.pathOf(name) ?? join(out, 'films', `${id}${ending}`);
    if (!dryRun) await films.copyOut(name, path);
    const meanGrey = verify && (!dryRun || films.pathOf(name) !== null) ? await measureFilm(path) : undefined;
    const { view, sex, ageBand } = film;
    return {
      id,
      file: relative(resolve(out), resolve(path)).split(sep).join('/'),
      width,
      height,
      patient: `patient-${digest(film.patient)}`,
      split: splits.get(film.patient)!,
      ...(view && { view }),
      ...(sex && { sex }),
      ...(ageBand && { ageBand }),
      ...(meanGrey !== undefined && { meanGrey }),
      ...readFilm(film, { map, uncertain, width, height, grid }, report),
    };
  } catch (error) {
    if (!(error instanceof FederationError)) throw error; // a full disk is not a film's fault
    report.refuse(film.at, `${name}: ${error.message.replace(/\.$/, '')}`);
    return null;
  }
}

const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16);
