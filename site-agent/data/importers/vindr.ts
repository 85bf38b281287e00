import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { FilmRecord } from '../film.js';
import type { KnownLabels } from '../label-map.js';
import type { Place } from './import-report.js';
import { readTable, type TableFile } from './label-table.js';
import { mergeReaders, type ReaderMarks, type ReaderMerge } from './merge-readers.js';
import { findTable } from './source-tables.js';
import type { ImportInput, Importer, Mark } from './source-film.js';
import { binary, decimalOrEmpty, named } from './table-fields.js';

export const VINDR_RELEASES = ['vinbigdata', 'vindr'] as const;
export type VindrRelease = (typeof VINDR_RELEASES)[number];

const NO_FINDING = 'No finding';
/** The test table gives what five readers agreed on, without their names. */
const AGREED = 'agreed';

const boxRow = z.object({
  image_id: named,
  rad_id: named.default(AGREED),
  class_name: named,
  x_min: decimalOrEmpty,
  y_min: decimalOrEmpty,
  x_max: decimalOrEmpty,
  y_max: decimalOrEmpty,
});
/** One column per finding; their names differ between the tables of the two splits. */
const labelRow = z.object({ image_id: named, rad_id: named.default(AGREED) }).catchall(binary);

const COMMON = [
  'Aortic enlargement',
  'Atelectasis',
  'Calcification',
  'Cardiomegaly',
  'Consolidation',
  'ILD',
  'Infiltration',
  'Lung Opacity',
  'Nodule/Mass',
  'Other lesion',
  ['Pleural effusion', 'Effusion'],
  ['Pleural thickening', 'Pleural Thickening'],
  'Pneumothorax',
  ['Pulmonary fibrosis', 'Fibrosis'],
] as const;
/** Judged on the film as a whole. */
const GLOBAL = ['COPD', 'Lung tumor', 'Pneumonia', 'Tuberculosis', 'Other diseases'];

/**
 * Readers looked for every finding on every film and boxed the local ones (Nguyen et al. 2022, Scientific Data 9:429). The
 * Kaggle release has 14 of them and no word on absence but that; PhysioNet's tables of image labels say 0 themselves.
 */
const LABELS: Readonly<Record<VindrRelease, KnownLabels>> = {
  vinbigdata: {
    format: 'vinbigdata',
    labels: COMMON,
    noFinding: NO_FINDING,
    exhaustive: { boxes: 'yes', films: 'yes' },
  },
  vindr: {
    format: 'vindr',
    labels: [
      ...COMMON,
      'Clavicle fracture',
      'Edema',
      'Emphysema',
      'Enlarged PA',
      'Lung cavity',
      'Lung cyst',
      'Mediastinal shift',
      'Rib fracture',
      ...GLOBAL,
      ['Other disease', 'Other diseases'],
    ],
    noFinding: NO_FINDING,
    unboxed: GLOBAL,
    exhaustive: { boxes: 'yes', films: 'unknown' },
  },
};

const TABLES: readonly {
  readonly boxes: RegExp;
  readonly labels: string;
  readonly split: FilmRecord['split'];
}[] = [
  { boxes: /^(annotations_)?train\.csv$/i, labels: 'image_labels_train.csv', split: 'train' },
  { boxes: /^annotations_test\.csv$/i, labels: 'image_labels_test.csv', split: 'val' },
];

interface ReadFilm {
  readonly at: Place;
  readonly split: FilmRecord['split'];
  readonly readers: Map<string, Mark[]>;
}

/**
 * VinDr-CXR (`annotations_*.csv`, `image_labels_*.csv`) and its Kaggle release VinBigData (`train.csv`): a row per reader and
 * box. Nothing says whose the films are.
 * @param merge how several readers' marks become one; null refuses a film with more than one reader
 */
export function vindrImporter(release: VindrRelease, merge: ReaderMerge | null): Importer {
  return {
    format: release,
    labels: LABELS[release],
    async *films(input) {
      input.report.note('The tables name no patients: without --patients every film counts as a patient.');
      const films = new Map<string, ReadFilm>();
      let found = false;
      for (const { boxes, labels, split } of TABLES) {
        const [boxTable, labelTable] = [findTable(input.source, boxes), findTable(input.source, labels)];
        if (boxTable !== null) await readBoxes(boxTable, split, input, films);
        if (labelTable !== null) await readLabels(labelTable, split, input, films);
        found ||= boxTable !== null;
      }
      if (!found)
        throw new FederationError(
          'DATA_MISSING',
          `${input.source.path} holds neither train.csv nor annotations_train.csv nor annotations_test.csv.`,
        );
      for (const [key, { at, split, readers }] of films) {
        const marks = merged(
          key,
          [...readers].map(([reader, own]) => ({ reader, marks: own })),
          merge,
        );
        if (marks === null) input.report.refuse(at, `none of the chosen readers read ${key}`);
        else yield { key, files: [key], patient: key, at, read: 'box', marks, split };
      }
    },
  };
}

function merged(
  key: string,
  readings: readonly ReaderMarks[],
  merge: ReaderMerge | null,
): readonly Mark[] | null {
  const [only, ...others] = readings;
  if (only?.reader === AGREED && others.length === 0) return only.marks;
  if (merge !== null) return mergeReaders(readings, merge, NO_FINDING);
  if (readings.length > 1)
    throw new FederationError(
      'USAGE',
      `${key} was read by ${readings.length} readers: say with --merge what to make of them.`,
    );
  return readings[0]?.marks ?? [];
}

/** The list into which a reader's marks of a film go. */
function marksOf(
  films: Map<string, ReadFilm>,
  film: string,
  reader: string,
  split: FilmRecord['split'],
  at: Place,
): Mark[] {
  let known = films.get(film);
  if (known === undefined) films.set(film, (known = { at, split, readers: new Map() }));
  let marks = known.readers.get(reader);
  if (marks === undefined) known.readers.set(reader, (marks = []));
  return marks;
}

async function readBoxes(
  table: TableFile,
  split: FilmRecord['split'],
  { report }: ImportInput,
  films: Map<string, ReadFilm>,
): Promise<void> {
  for await (const { line, row } of readTable(table, boxRow, report.refuseRow(table.name))) {
    report.count(table.name);
    const at = { file: table.name, line };
    const marks = marksOf(films, row.image_id, row.rad_id, split, at);
    const { class_name: label, x_min, y_min, x_max, y_max } = row;
    if (label === NO_FINDING) marks.push({ label, says: 'present', at });
    else if (x_min === null || y_min === null || x_max === null || y_max === null) {
      marks.push({ label, says: 'present', at });
      report.refuse(at, `${row.image_id} has ${label} and no box`);
    } else {
      const says = { x: x_min, y: y_min, width: x_max - x_min, height: y_max - y_min };
      marks.push({ label, says, at });
    }
  }
}

async function readLabels(
  table: TableFile,
  split: FilmRecord['split'],
  { report }: ImportInput,
  films: Map<string, ReadFilm>,
): Promise<void> {
  for await (const { line, row } of readTable(table, labelRow, report.refuseRow(table.name))) {
    report.count(table.name);
    const at = { file: table.name, line };
    const { image_id: film, rad_id: reader, ...findings } = row;
    const marks = marksOf(films, film, reader, split, at);
    for (const [label, given] of Object.entries(findings))
      marks.push({ label, says: given === 1 ? 'present' : 'absent', at });
  }
}
