import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { LesionBox } from '../film.js';
import { readCsvTable } from './csv-table.js';
import { decimal } from './table-fields.js';

/** Classes of the NIH box list, by their names as image labels. */
export const NIH_CLASSES = [
  'Atelectasis',
  'Cardiomegaly',
  'Effusion',
  'Infiltration',
  'Mass',
  'Nodule',
  'Pneumonia',
  'Pneumothorax',
] as const;
/** The one class of the RSNA reading. */
export const RSNA_CLASS = 'Lung Opacity';

/** NIH writes `Infiltration` in its labels and `Infiltrate` in its box list. */
const CLASS_OF_BOX_LABEL: Readonly<Record<string, string>> = {
  ...Object.fromEntries([...NIH_CLASSES, RSNA_CLASS].map((name) => [name, name])),
  Infiltrate: 'Infiltration',
};

const side = decimal.pipe(z.number().int().min(1));
const manifestRow = z.object({
  file: z.string().min(1),
  set: z.enum(['nih', 'hannover', 'covid']),
  width: side,
  height: side,
  patient: z.string().min(1),
  labels: z.string(),
  rsna_class: z.enum(['', 'Normal', 'No Lung Opacity / Not Normal', 'Lung Opacity']),
  suggested_split: z.enum(['train', 'val']),
});
const boxRow = z.object({
  file: z.string().min(1),
  label: z.string().refine((label) => Object.hasOwn(CLASS_OF_BOX_LABEL, label), 'unknown box label'),
  x: decimal,
  y: decimal,
  w: decimal.pipe(z.number().positive()),
  h: decimal.pipe(z.number().positive()),
});

/** One film of the manifest with everything that was written about it. */
export interface CxrFilm {
  /** Of `manifest.csv`. */
  readonly line: number;
  /** Relative to the folder of the manifest. */
  readonly file: string;
  readonly set: 'nih' | 'hannover' | 'covid';
  readonly width: number;
  readonly height: number;
  readonly patient: string;
  readonly labels: ReadonlySet<string>;
  /** True when an RSNA reader looked for lung opacities on it. */
  readonly rsnaRead: boolean;
  readonly split: 'train' | 'val';
  /** In stored pixels, under the classes' label names. */
  readonly boxes: readonly LesionBox[];
}

/**
 * Joins `manifest.csv` and `boxes.csv` of a folder.
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID`: as `readCsvTable`, for a film listed twice and for a box
 *   whose film is not listed
 */
export async function readCxrTables(source: string): Promise<CxrFilm[]> {
  const manifestPath = join(source, 'manifest.csv');
  const boxesPath = join(source, 'boxes.csv');
  // One after the other: where both are missing the first is named, always.
  const films = await readCsvTable(manifestPath, manifestRow);
  const boxes = await readCsvTable(boxesPath, boxRow);
  const boxesOf = new Map<string, LesionBox[]>();
  for (const { line, row } of films) {
    if (boxesOf.has(row.file))
      throw new FederationError(
        'DATA_INVALID',
        `${manifestPath}, line ${line}: ${row.file} is listed twice.`,
      );
    boxesOf.set(row.file, []);
  }
  for (const { line, row } of boxes) {
    const list = boxesOf.get(row.file);
    if (list === undefined)
      throw new FederationError(
        'DATA_INVALID',
        `${boxesPath}, line ${line}: ${row.file} is not in manifest.csv.`,
      );
    const name = CLASS_OF_BOX_LABEL[row.label] as string; // the schema knows the label
    list.push({ class: name, x: row.x, y: row.y, width: row.w, height: row.h });
  }
  return films.map(({ line, row }) => ({
    line,
    file: row.file,
    set: row.set,
    width: row.width,
    height: row.height,
    patient: row.patient,
    labels: new Set(row.labels.split('|')),
    rsnaRead: row.rsna_class !== '',
    split: row.suggested_split,
    boxes: boxesOf.get(row.file) ?? [],
  }));
}
