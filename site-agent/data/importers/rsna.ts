import { z } from 'zod';
import type { KnownLabels } from '../label-map.js';
import { readTable } from './label-table.js';
import { findTable, requireTable } from './source-tables.js';
import type { ImportInput, Importer, Mark, SourceFilm } from './source-film.js';
import { decimalOrEmpty, named } from './table-fields.js';

const OPACITY = 'Lung Opacity';
/** Of NIH film names: `00000193_019.png` is patient 00000193's. */
const NIH_PATIENT = /^(\d{8})_\d{3}/;

const labelRow = z.object({
  patientId: named,
  x: decimalOrEmpty,
  y: decimalOrEmpty,
  width: decimalOrEmpty,
  height: decimalOrEmpty,
  Target: z.enum(['0', '1'], 'is not 0 or 1'),
});
const originRow = z.object({ patientId: named, nih_image: named });

/** Readers boxed every opacity that may be pneumonia, and Target 0 says that there is none (Shih et al. 2019). */
const LABELS: KnownLabels = {
  format: 'rsna',
  labels: [OPACITY],
  exhaustive: { boxes: 'yes', films: 'unknown' },
};

/**
 * RSNA Pneumonia Detection Challenge 2018: `stage_2_train_labels.csv`, a row per box. Its `patientId` names a film; whose the
 * films are is known through `rsna_to_nih.csv` alone, because they were taken from the NIH set.
 */
export const rsnaImporter: Importer = {
  format: 'rsna',
  labels: LABELS,
  async *films(input) {
    const origins = await readOrigins(input);
    const { source, report } = input;
    if (origins.size === 0)
      report.note(
        'patientId names a film: without rsna_to_nih.csv or --patients every film counts as a patient.',
      );
    const table = requireTable(source, 'stage_2_train_labels.csv');
    const films = new Map<string, SourceFilm & { readonly marks: Mark[] }>();
    for await (const { line, row } of readTable(table, labelRow, report.refuseRow(table.name))) {
      report.count(table.name);
      const at = { file: table.name, line };
      const key = row.patientId;
      const { x, y, width, height } = row;
      let film = films.get(key);
      if (film === undefined) {
        const { patient, film: original } = origins.get(key) ?? { patient: key, film: null };
        const files = original === null ? [key] : [key, original];
        film = { key, files, patient, at, read: 'box', marks: [] };
        films.set(key, film);
      }
      if (row.Target === '0') film.marks.push({ label: OPACITY, says: 'absent', at });
      else if (x !== null && y !== null && width !== null && height !== null)
        film.marks.push({ label: OPACITY, says: { x, y, width, height }, at });
      else {
        film.marks.push({ label: OPACITY, says: 'present', at });
        report.refuse(at, `${key} has Target 1 and no box`);
      }
    }
    yield* films.values();
  },
};

interface Origin {
  readonly patient: string;
  /** Its name in the NIH set, where the same pixels lie as PNG. */
  readonly film: string;
}

async function readOrigins({ source, report }: ImportInput): Promise<Map<string, Origin>> {
  const origins = new Map<string, Origin>();
  const table = findTable(source, 'rsna_to_nih.csv');
  if (table === null) return origins;
  for await (const { line, row } of readTable(table, originRow, report.refuseRow(table.name))) {
    report.count(table.name);
    const patient = NIH_PATIENT.exec(row.nih_image)?.[1];
    if (patient === undefined)
      report.refuse({ file: table.name, line }, `${row.nih_image} is no film of the NIH set`);
    else origins.set(row.patientId, { patient: `nih ${Number(patient)}`, film: row.nih_image });
  }
  return origins;
}
