import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { CATALOGUE_FILE, readCatalogue, writeCatalogue } from '../catalogue-file.js';
import { isDicom } from '../dicom/data-set.js';
import { DicomRefusal } from '../dicom/dicom-refusal.js';
import type { Catalogue, FilmRecord } from '../film.js';
import { countClasses, countSplits } from '../importers/count-readings.js';
import { openSource, type FilmSource } from '../importers/film-source.js';
import {
  ImportReport,
  type ClassCounts,
  type ImportSummary,
  type Refusal,
} from '../importers/import-report.js';
import { REPORT_FILE } from '../importers/run-import.js';
import { writeLabelMap } from '../label-map.js';
import type { Finding, QuarantineReason } from '../quarantine/findings.js';
import { DicomLabels, type LabelRules } from './dicom-labels.js';
import { FilmDoor, type Decoded, type FilmLabels, type Origin } from './film-door.js';
import { UNREAD, toRecord, withStudyDays } from './film-record.js';
import type { RegisterEntry } from './film-register.js';
import { PRIVATE_FOLDER } from './site-secret.js';

/** A larger file is no single film. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Enough to see whether it is DICOM. */
const HEAD_BYTES = 256;
/** Endings of files that lie beside films and are none. */
const OTHER_FILES = /\.(csv|tsv|json|txt|xml|html?|pdf|gz|zip|png|jpe?g|gif|exe|ini|inf)$/i;

export interface DicomImportOptions {
  /** Folder or .zip with films, as deep as they lie. */
  readonly source: string;
  /** The site's data folder. */
  readonly out: string;
  readonly labels: (Omit<LabelRules, 'out'> & { readonly source: string }) | null;
  /** Share of the patients that is held out, 0 … 1. */
  readonly val: number;
  /** Longer side of a film as it is kept, pixels. */
  readonly side: number;
  readonly dryRun: boolean;
  readonly threads?: number | undefined;
  readonly timeLimitMs?: number | undefined;
  /** Where the report goes instead of `out`; written in a dry run too. */
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

/**
 * Brings DICOM films into a site's data folder. A broken film stops nothing; a run that was killed goes on where it was,
 * because films that are in the register are not decoded again; the catalogue is replaced as a whole at the end.
 * @throws {FederationError} `DATA_MISSING` without the source; `DATA_INVALID` when register, key, catalogue or label
 *   tables are damaged; `NO_USABLE_FILMS` when the catalogue would be empty
 */
export async function importDicom(options: DicomImportOptions): Promise<DicomImportSummary> {
  const { labels: asked } = options;
  const source = await openSource(options.source);
  try {
    if (asked === null) return await importFrom(source, null, options);
    const tables = asked.source === options.source ? source : await openSource(asked.source);
    try {
      return await importFrom(source, tables, options);
    } finally {
      if (tables !== source) await tables.close();
    }
  } finally {
    await source.close();
  }
}

async function importFrom(
  source: FilmSource,
  tables: FilmSource | null,
  options: DicomImportOptions,
): Promise<DicomImportSummary> {
  const { out, side, dryRun, threads, timeLimitMs } = options;
  const names = source.names.filter((name) => !OTHER_FILES.test(name) && !/(^|\/)DICOMDIR$/i.test(name));
  const before = await existingCatalogue(out);
  const report = new ImportReport();
  const labels =
    tables === null || options.labels === null
      ? null
      : await DicomLabels.read(tables, names, { ...options.labels, out }, report);
  const door = await FilmDoor.open({
    ...{ data: out, side, dryRun },
    ...(threads !== undefined && { threads }),
    ...(timeLimitMs !== undefined && { timeLimitMs }),
  });
  try {
    const arrivals = new Arrivals(door, labels, before, options.val);
    await arrivals.bringIn(source, names, options.onProgress);
    const catalogue = arrivals.catalogue();
    const summary = { ...summaryOf(arrivals, catalogue, source, options), ...reported(report) };
    // Label tables may call films by their UIDs, so the report is private unless someone asks for it elsewhere.
    const reportPath = options.report ?? (dryRun ? null : join(out, PRIVATE_FOLDER, REPORT_FILE));
    if (reportPath !== null)
      await writeFileAtomic(reportPath, `${JSON.stringify(summary, null, 1)}\n`, 0o600);
    if (catalogue.films.length === 0)
      throw new FederationError('NO_USABLE_FILMS', emptyText(options.source, summary));
    if (dryRun) return summary;
    if (labels !== null && labels.freshMap !== null) await writeLabelMap(out, labels.freshMap);
    await writeCatalogue(out, catalogue);
    return summary;
  } finally {
    await door.close();
  }
}

/** One run of an import: what came, what became of it, and the catalogue that follows. */
class Arrivals {
  readonly counts = { admitted: 0, quarantined: 0, repeated: 0, known: 0, other: 0 };
  readonly quarantined: { id: string; findings: readonly Finding[] }[] = [];
  /** Under the name of their file: labels are found by it. */
  private readonly nameOf = new Map<string, string>();
  private readonly oldRecords: ReadonlyMap<string, FilmRecord>;
  private readonly oldSplits: ReadonlyMap<string, FilmRecord['split']>;

  constructor(
    private readonly door: FilmDoor,
    private readonly labels: DicomLabels | null,
    private readonly before: Catalogue | null,
    private readonly val: number,
  ) {
    const films = before?.films ?? [];
    this.oldRecords = new Map(films.map((film) => [film.id, film]));
    this.oldSplits = new Map(films.map((film) => [film.patient, film.split]));
  }

  /** Decodes as many films at once as there are threads, and settles them in the order of their names. */
  async bringIn(
    source: FilmSource,
    names: readonly string[],
    onProgress: ((done: number, total: number) => void) | undefined,
  ): Promise<void> {
    const ahead = this.door.workers.threads + 1;
    const window: { name: string; from: Origin; arriving: Promise<Arriving> }[] = [];
    let [next, done] = [0, 0];
    while (done < names.length) {
      while (next < names.length && window.length < ahead) {
        const name = names[next++] as string;
        const from = await originOf(source, name);
        const arriving = this.receive(source, name, from);
        arriving.catch(() => undefined); // heard below, when its turn comes
        window.push({ name, from, arriving });
      }
      const { name, from, arriving } = window.shift() as (typeof window)[number];
      await this.settle(name, from, await arriving);
      done++;
      onProgress?.(done, names.length);
    }
  }

  private async receive(source: FilmSource, name: string, from: Origin): Promise<Arriving> {
    const known = this.door.register.fromOrigin(from.origin, from.stamp);
    if (known !== null) return { known };
    const head = await source.head(name, HEAD_BYTES);
    if (!isDicom(head) && !/\.(dcm|dicom)$/i.test(name)) return 'other';
    const bytes = await readWhole(source, name);
    return { decoded: bytes instanceof DicomRefusal ? bytes : await this.door.decode(bytes) };
  }

  private async settle(name: string, from: Origin, arriving: Arriving): Promise<void> {
    if (arriving === 'other') {
      this.counts.other++;
      return;
    }
    if ('known' in arriving) {
      this.counts.known++;
      this.nameOf.set(arriving.known.id, name);
      return;
    }
    const { entry, outcome, findings } = await this.door.settle(arriving.decoded, from, this.labelsOf(name));
    if (outcome === 'film') this.counts.admitted++;
    else this.counts[outcome]++;
    if (outcome === 'quarantined') this.quarantined.push({ id: entry.id, findings });
    if (!this.nameOf.has(entry.id)) this.nameOf.set(entry.id, name);
  }

  private labelsOf(name: string): FilmLabels {
    const { labels } = this;
    return {
      misfit: (picture) => labels?.misfit(name, picture) ?? null,
      read: (picture) => labels?.read(name, picture) ?? UNREAD,
      split: (patient) => this.splitOf(patient),
    };
  }

  /** A patient stays where the catalogue has them. */
  private splitOf(patient: string): FilmRecord['split'] {
    return this.oldSplits.get(patient) ?? (this.door.patientShare(patient) < this.val ? 'val' : 'train');
  }

  /**
   * All films that the register calls usable: with the labels of this import, or as the catalogue had them. Films of
   * other importers stay as they are.
   */
  catalogue(): Catalogue {
    const { before, labels } = this;
    const films: FilmRecord[] = [];
    const ours = new Set<string>();
    for (const entry of this.door.register.entries) {
      ours.add(entry.id);
      if (entry.picture === null || (entry.outcome !== 'film' && entry.outcome !== 'released')) continue;
      films.push(this.recordOf(entry, entry.picture));
    }
    const others = (before?.films ?? []).filter(({ id }) => !ours.has(id));
    return {
      version: 1,
      source: before?.source ?? 'DICOM films',
      classes: [...new Set([...(before?.classes ?? []), ...Object.keys(labels?.map.classes ?? {})])],
      films: [...others, ...withStudyDays(films, (id) => this.door.register.find(id))],
    };
  }

  private recordOf(entry: RegisterEntry, picture: NonNullable<RegisterEntry['picture']>): FilmRecord {
    const old = this.oldRecords.get(entry.id);
    const name = this.nameOf.get(entry.id);
    if (this.labels === null || name === undefined)
      return old ?? toRecord(entry, UNREAD, this.splitOf(entry.patient));
    return toRecord(entry, this.labels.read(name, picture), this.splitOf(entry.patient));
  }
}

type Arriving = 'other' | { readonly known: RegisterEntry } | { readonly decoded: Decoded };

async function existingCatalogue(out: string): Promise<Catalogue | null> {
  const found = await stat(join(out, CATALOGUE_FILE)).catch(() => null);
  return found === null ? null : readCatalogue(out);
}

/** @returns why not, for a film that cannot be read or is too large */
async function readWhole(source: FilmSource, name: string): Promise<Uint8Array | DicomRefusal> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of source.open(name) as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAX_FILE_BYTES) return new DicomRefusal('The file is larger than 256 MB.');
      parts.push(part);
    }
  } catch (cause) {
    return new DicomRefusal('The file cannot be read.', { cause });
  }
  const whole = new Uint8Array(length); // of its own, so that it can be moved to a thread
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** The stamp changes with the file; of an archive, with the archive. */
async function originOf(source: FilmSource, name: string): Promise<Origin> {
  const path = source.pathOf(name);
  const found = await stat(path ?? source.path).catch(() => null);
  return { origin: path ?? `${source.path}#${name}`, stamp: `${found?.size ?? 0} ${found?.mtimeMs ?? 0}` };
}

function reported(report: ImportReport): Pick<DicomImportSummary, 'notes' | 'refused'> {
  return { notes: [...report.notes], refused: report.inOrder() };
}

function summaryOf(
  { counts, quarantined }: Arrivals,
  catalogue: Catalogue,
  source: FilmSource,
  { out, dryRun }: DicomImportOptions,
): Omit<DicomImportSummary, 'notes' | 'refused'> {
  const reasons: Partial<Record<QuarantineReason, number>> = {};
  for (const { findings } of quarantined)
    for (const reason of new Set(findings.map((found) => found.reason)))
      reasons[reason] = (reasons[reason] ?? 0) + 1;
  return {
    ...{ source: source.path, out, dryRun, files: { ...counts } },
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
