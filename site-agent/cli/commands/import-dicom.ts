import { resolve } from 'node:path';
import { importDicom, type DicomImportSummary } from '../../data/door/import-dicom.js';
import type { UncertainPolicy } from '../../data/importers/film-reading.js';
import { placeText } from '../../data/importers/import-report.js';
import type { Importer } from '../../data/importers/source-film.js';
import type { Certainty } from '../../data/label-map.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface ImportDicomOptions {
  readonly source: string;
  readonly out: string;
  readonly labels?: string;
  readonly map?: string;
  readonly classes?: readonly string[];
  readonly grid?: { readonly width: number; readonly height: number };
  readonly uncertain: UncertainPolicy;
  readonly exhaustive: Certainty;
  readonly val: number;
  readonly side: number;
  readonly threads?: number;
  readonly timeLimit: number;
  readonly dryRun?: boolean;
  readonly report?: string;
}

/** Lines of one kind that are printed; the report has all. */
const LISTED = 20;

/** Brings DICOM films in through the door; with --dry-run only says what would become of them. */
export async function importDicomFilms(importer: Importer, options: ImportDicomOptions): Promise<Outcome> {
  const { labels, map, classes, grid, uncertain, exhaustive, val, side, threads, timeLimit } = options;
  const summary = await withProgressBar('films', (onProgress) =>
    importDicom({
      source: resolve(options.source),
      out: resolve(options.out),
      labels:
        labels === undefined
          ? null
          : {
              ...{ importer, source: resolve(labels), classes, grid, uncertain, exhaustive },
              map: map === undefined ? undefined : resolve(map),
            },
      ...{ val, side, threads, timeLimitMs: timeLimit * 1000, dryRun: options.dryRun === true },
      report: options.report === undefined ? undefined : resolve(options.report),
      onProgress,
    }),
  );
  return { document: summary, text: summaryText(summary) };
}

function summaryText({
  out,
  dryRun,
  files,
  films,
  patients,
  quarantine,
  refused,
}: DicomImportSummary): string {
  const { admitted, quarantined, repeated, known, other } = files;
  const aside = quarantine.map(
    ({ id, findings }) => `set aside, ${id}: ${findings.map(({ detail }) => detail).join(' ')}`,
  );
  return [
    `${admitted} films came in, ${quarantined} were set aside, ${repeated} came twice, ` +
      `${known} were here already, ${other} files are no DICOM`,
    ...listed(aside),
    ...listed(refused.map((entry) => `refused, ${placeText(entry)}: ${entry.reason}`)),
    `${dryRun ? 'would make' : 'made'} ${out}: ${films.train} training films of ${patients.train} patients, ` +
      `${films.val} held out of ${patients.val}`,
    ...(quarantined === 0 || dryRun ? [] : [`look at them: fedoxnet-site quarantine list --data ${out}`]),
  ].join('\n');
}

function listed(lines: readonly string[]): string[] {
  if (lines.length <= LISTED) return [...lines];
  return [...lines.slice(0, LISTED), `… and ${lines.length - LISTED} more`];
}
