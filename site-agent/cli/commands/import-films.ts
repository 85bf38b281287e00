import { resolve } from 'node:path';
import type { UncertainPolicy } from '../../data/importers/film-reading.js';
import { placeText, type ClassCounts, type ImportSummary } from '../../data/importers/import-report.js';
import { REPORT_FILE, runImport } from '../../data/importers/run-import.js';
import type { Importer } from '../../data/importers/source-film.js';
import type { Certainty } from '../../data/label-map.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface ImportFilmsOptions {
  readonly source: string;
  readonly films?: string;
  readonly out: string;
  readonly map?: string;
  readonly classes?: readonly string[];
  readonly patients?: string;
  readonly grid?: { readonly width: number; readonly height: number };
  readonly split: 'patient' | 'source';
  readonly val: number;
  readonly uncertain?: UncertainPolicy;
  readonly exhaustive?: Certainty;
  readonly verify?: boolean;
  readonly dryRun?: boolean;
  readonly report?: string;
}

/** Makes the catalogue of a site from one published or plain format; with --dry-run only says what it would hold. */
export async function importFilms(importer: Importer, options: ImportFilmsOptions): Promise<Outcome> {
  const path = (text: string | undefined) => (text === undefined ? undefined : resolve(text));
  const { split: by, val, uncertain = 'unknown', exhaustive = 'unknown' } = options;
  const summary = await withProgressBar('films', (onProgress) =>
    runImport({
      importer,
      source: resolve(options.source),
      films: path(options.films),
      out: resolve(options.out),
      map: path(options.map),
      classes: options.classes,
      split: { by, val },
      patients: path(options.patients),
      uncertain,
      exhaustive,
      grid: options.grid,
      verify: options.verify === true,
      dryRun: options.dryRun === true,
      report: path(options.report),
      onProgress,
    }),
  );
  return { document: summary, text: summaryText(summary, path(options.report)) };
}

/** More refusals than this are counted by their reason; the report has each of them. */
const LISTED = 20;

function summaryText(summary: ImportSummary, report: string | undefined): string {
  const { format, out, dryRun, rows, films, patients, classes, notes, refused } = summary;
  const where = report ?? (dryRun ? null : `${out}/${REPORT_FILE}`);
  const read = Object.entries(rows).map(([file, count]) => `${count} rows of ${file}`);
  return [
    `${format}: ${read.join(', ')}`,
    `${dryRun ? 'would write' : 'wrote'} ${out}: ${films.train} training films of ${patients.train} patients, ` +
      `${films.val} held out of ${patients.val}`,
    ...classTable(classes),
    ...notes.map((note) => `note: ${note}`),
    ...refusedLines(summary, where),
    refused.length === 0
      ? 'nothing was refused'
      : `${refused.length} refused${where === null ? '' : `; all of them in ${where}`}`,
  ].join('\n');
}

function classTable(classes: readonly ClassCounts[]): string[] {
  const heads = ['boxes', 'read by box', 'image +', 'image −', 'unknown'];
  const width = Math.max(5, ...classes.map((row) => row.class.length)) + 2;
  const line = (name: string, cells: readonly string[]) =>
    name.padEnd(width) + cells.map((cell) => cell.padStart(14)).join('');
  const both = ({ train, val }: { train: number; val: number }) => `${train} + ${val}`;
  return [
    line('films', heads),
    ...classes.map(({ class: name, boxes, boxRead, present, absent, unknown }) =>
      line(name, [boxes, boxRead, present, absent, unknown].map(both)),
    ),
  ];
}

function refusedLines({ refused }: ImportSummary, where: string | null): string[] {
  // Without a file this is the only place where they can be read.
  const listed = where === null ? refused : refused.slice(0, LISTED);
  const lines = listed.map((entry) => `refused, ${placeText(entry)}: ${entry.reason}`);
  return refused.length > listed.length ? [...lines, `… and ${refused.length - listed.length} more`] : lines;
}
