import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { FilmRecord } from '../film.js';
import { chexpertLabels, findingColumns, findingMarks } from './chexpert-findings.js';
import { readTable } from './label-table.js';
import { findTable, requireTable } from './source-tables.js';
import type { ImportInput, Importer, Mark } from './source-film.js';
import { frontalView, named } from './table-fields.js';

export const MIMIC_LABELLERS = ['chexpert', 'negbio'] as const;
export type MimicLabeller = (typeof MIMIC_LABELLERS)[number];

const filmRow = z.object({
  dicom_id: named,
  subject_id: named,
  study_id: named,
  ViewPosition: z.string(),
  ViewCodeSequence_CodeMeaning: z.string().optional(),
});
const studyRow = z.object({ subject_id: named, study_id: named, ...findingColumns });
const splitRow = z.object({ dicom_id: named, split: z.enum(['train', 'validate', 'test']) });

const VIEW_MEANINGS: Readonly<Record<string, FilmRecord['view']>> = {
  'antero-posterior': 'AP',
  'postero-anterior': 'PA',
};

/**
 * MIMIC-CXR and MIMIC-CXR-JPG: films in `…-metadata.csv`, labels per study in `…-chexpert.csv` or `…-negbio.csv`, so all films
 * of a study have the labels of its report; `…-split.csv` where it is there; each plain or .gz. Frontal films only.
 */
export function mimicImporter(labeller: MimicLabeller): Importer {
  return {
    format: 'mimic',
    labels: chexpertLabels('mimic'),
    async *films(input) {
      const { source, report } = input;
      const studies = await readStudies(input, labeller);
      const splits = await readSplits(input);
      const table = requireTable(source, /^mimic-cxr-.*-metadata\.csv$/i);
      for await (const { line, row } of readTable(table, filmRow, report.refuseRow(table.name))) {
        report.count(table.name);
        const at = { file: table.name, line };
        const view = frontalView(row.ViewPosition) ?? VIEW_MEANINGS[row.ViewCodeSequence_CodeMeaning ?? ''];
        const study = studies.get(row.study_id);
        if (view === undefined)
          report.refuse(at, `${row.dicom_id} is ${row.ViewPosition || 'of no known view'}, not frontal`);
        else if (study !== undefined && study.subject !== row.subject_id)
          report.refuse(at, `study ${row.study_id} belongs to another subject in the table of labels`);
        else
          yield {
            key: row.dicom_id,
            files: [row.dicom_id],
            patient: row.subject_id,
            at,
            read: study === undefined ? 'none' : 'image',
            marks: study?.marks ?? [],
            view,
            split: splits.get(row.dicom_id),
          };
      }
    },
  };
}

interface StudyLabels {
  readonly subject: string;
  readonly marks: readonly Mark[];
}

async function readStudies(
  { source, report }: ImportInput,
  labeller: MimicLabeller,
): Promise<Map<string, StudyLabels>> {
  const studies = new Map<string, StudyLabels>();
  const table = requireTable(source, new RegExp(`^mimic-cxr-.*-${labeller}\\.csv$`, 'i'));
  for await (const { line, row } of readTable(table, studyRow, report.refuseRow(table.name))) {
    report.count(table.name);
    const at = { file: table.name, line };
    if (studies.has(row.study_id)) report.refuse(at, `study ${row.study_id} is listed twice`);
    else studies.set(row.study_id, { subject: row.subject_id, marks: findingMarks(row, at) });
  }
  if (studies.size === 0) throw new FederationError('DATA_INVALID', `${table.name} has no usable row.`);
  return studies;
}

async function readSplits({ source, report }: ImportInput): Promise<Map<string, FilmRecord['split']>> {
  const splits = new Map<string, FilmRecord['split']>();
  const table = findTable(source, /^mimic-cxr-.*-split\.csv$/i);
  if (table === null) return splits;
  for await (const { row } of readTable(table, splitRow, report.refuseRow(table.name))) {
    report.count(table.name);
    splits.set(row.dicom_id, row.split === 'train' ? 'train' : 'val');
  }
  return splits;
}
