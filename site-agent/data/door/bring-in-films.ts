import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { CATALOGUE_FILE, readCatalogue, writeCatalogue } from '../catalogue-file.js';
import type { Catalogue } from '../film.js';
import { countClasses, countSplits } from '../importers/count-readings.js';
import { openSource } from '../importers/film-source.js';
import {
  ImportReport,
  type ClassCounts,
  type ImportSummary,
  type Refusal,
} from '../importers/import-report.js';
import { writeLabelMap } from '../label-map.js';
import type { Finding, QuarantineReason } from '../quarantine/findings.js';
import { Arrivals } from './arrivals.js';
import { DicomLabels, type LabelRules } from './dicom-labels.js';
import { FilmDoor } from './film-door.js';
import { FilmRegister } from './film-register.js';
import type { FilmSupply } from './film-supply.js';
import { PRIVATE_FOLDER } from './site-secret.js';

export interface BringInOptions {
  /** The site's data folder. */
  readonly out: string;
  /** `source`: folder or .zip with the label tables. */
  readonly labels: (Omit<LabelRules, 'out'> & { readonly source: string }) | null;
  /** Share of the patients that is held out, 0 … 1. */
  readonly val: number;
  /** Longer side of a film as it is kept, pixels. */
  readonly side: number;
  readonly dryRun: boolean;
  readonly threads?: number | undefined;
  readonly timeLimitMs?: number | undefined;
  /** Where the report goes instead of the private folder; written in a dry run too. */
  readonly report?: string | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

export interface DicomImportSummary {
  readonly source: string;
  readonly out: string;
  readonly dryRun: boolean;
  /** Files of the source: films that came in, were set aside, or had come before; and files that are no DICOM. */
  readonly files: {
    readonly admitted: number;
    readonly quarantined: number;
    readonly repeated: number;
    readonly known: number;
    readonly other: number;
  };
  /** Of the whole catalogue. */
  readonly films: ImportSummary['films'];
  readonly patients: ImportSummary['patients'];
  readonly classes: readonly ClassCounts[];
  /** Films set aside now, by our id. */
  readonly quarantine: readonly { readonly id: string; readonly findings: readonly Finding[] }[];
  readonly reasons: Readonly<Partial<Record<QuarantineReason, number>>>;
  readonly notes: readonly string[];
  /** Rows of label tables that could not be used. */
  readonly refused: readonly Refusal[];
}

/** What an import came to, and the films that their place did not give. */
export interface BroughtIn {
  readonly summary: DicomImportSummary;
  readonly notNow: readonly { readonly name: string; readonly why: string }[];
}

/**
 * Brings films in through the door and replaces the catalogue as a whole at the end. A broken film stops nothing; a run that
 * was killed goes on where it was, because films that are in the register are not taken again.
 * @param reportName of the report in the private folder
 * @throws {FederationError} `DATA_MISSING` without the label tables; `DATA_INVALID` when register, key, catalogue or
 *   label tables are damaged; `NO_USABLE_FILMS` when the catalogue would be empty
 */
export async function bringInFilms(
  supply: FilmSupply,
  reportName: string,
  options: BringInOptions,
): Promise<BroughtIn> {
  const { out, side, dryRun, threads, timeLimitMs } = options;
  const before = await existingCatalogue(out);
  const report = new ImportReport();
  const labels = await readLabels(supply, options, report);
  const door = await FilmDoor.open({
    ...{ data: out, side, dryRun },
    ...(threads !== undefined && { threads }),
    ...(timeLimitMs !== undefined && { timeLimitMs }),
  });
  try {
    const arrivals = new Arrivals(door, labels, before, options.val);
    await arrivals.bringIn(supply, options.onProgress);
    // Read anew: a pull may take a night, and a person may release or discard films meanwhile.
    const catalogue = dryRun
      ? arrivals.catalogue(before, door.register)
      : arrivals.catalogue(await existingCatalogue(out), await FilmRegister.open(out, true));
    const summary = { ...summaryOf(arrivals, catalogue, supply.place, options), ...reported(report) };
    // Label tables may call films by their UIDs, so the report is private unless someone asks for it elsewhere.
    const reportPath = options.report ?? (dryRun ? null : join(out, PRIVATE_FOLDER, reportName));
    if (reportPath !== null)
      await writeFileAtomic(reportPath, `${JSON.stringify(summary, null, 1)}\n`, 0o600);
    const { notNow } = arrivals;
    if (catalogue.films.length === 0 && notNow.length === 0)
      throw new FederationError('NO_USABLE_FILMS', emptyText(supply.place, summary));
    if (dryRun) return { summary, notNow };
    if (labels !== null && labels.freshMap !== null) await writeLabelMap(out, labels.freshMap);
    if (catalogue.films.length > 0) await writeCatalogue(out, catalogue);
    return { summary, notNow };
  } finally {
    await door.close();
  }
}

/** Labels find their films among all names, so with labels no film is taken before the last is found. */
async function readLabels(
  supply: FilmSupply,
  { labels, out }: BringInOptions,
  report: ImportReport,
): Promise<DicomLabels | null> {
  if (labels === null) return null;
  const names: string[] = [];
  for await (const name of supply.names()) names.push(name);
  const tables = await openSource(labels.source);
  try {
    return await DicomLabels.read(tables, names, { ...labels, out }, report);
  } finally {
    await tables.close();
  }
}

async function existingCatalogue(out: string): Promise<Catalogue | null> {
  const found = await stat(join(out, CATALOGUE_FILE)).catch(() => null);
  return found === null ? null : readCatalogue(out);
}

function reported(report: ImportReport): Pick<DicomImportSummary, 'notes' | 'refused'> {
  return { notes: [...report.notes], refused: report.inOrder() };
}

function summaryOf(
  { counts, quarantined }: Arrivals,
  catalogue: Catalogue,
  place: string,
  { out, dryRun }: BringInOptions,
): Omit<DicomImportSummary, 'notes' | 'refused'> {
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  for (const { findings } of quarantined)
    for (const reason of new Set(findings.map((found) => found.reason)))
      reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    ...{ source: place, out, dryRun, files: { ...counts } },
    ...countSplits(catalogue.films),
    ...{ classes: countClasses(catalogue), quarantine: quarantined, reasons },
  };
}

function emptyText(
  source: string,
  { files, reasons }: Pick<DicomImportSummary, 'files' | 'reasons'>,
): string {
  const why = Object.entries(reasons).map(([reason, count]) => `${count} ${reason}`);
  const aside = files.quarantined === 0 ? '' : ` ${files.quarantined} were set aside (${why.join(', ')}).`;
  return `No film of ${source} can be used.${aside}`;
}
