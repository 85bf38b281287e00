import { z } from 'zod';
import type { KnownLabels } from '../label-map.js';
import type { Place } from './import-report.js';
import { readTable, type TableFile } from './label-table.js';
import type { ImportInput, Importer, Mark, SourceFilm } from './source-film.js';
import { ageBand, decimal, frontalView, named, sex } from './table-fields.js';
import { findTable, requireTable } from './source-tables.js';

/** Both tables' own headers; the names with brackets are cut at the commas inside them. */
const entryRow = z.object({
  'Image Index': named,
  'Finding Labels': z.string(),
  'Patient ID': named,
  'Patient Age': z.string().optional(),
  'Patient Gender': z.string().optional(),
  'View Position': z.string().optional(),
});
const boxRow = z.object({
  'Image Index': named,
  'Finding Label': named,
  'Bbox [x': decimal,
  y: decimal,
  w: decimal,
  'h]': decimal,
});

/**
 * Labels were mined from reports: one that is missing may have gone unsaid. A box list covers about 900 films; whoever drew
 * it was given film and finding and boxed every lesion of that finding (Wang et al. 2017, section 3.2).
 */
const LABELS: KnownLabels = {
  format: 'nih',
  labels: [
    'Atelectasis',
    'Cardiomegaly',
    'Consolidation',
    'Edema',
    'Effusion',
    'Emphysema',
    'Fibrosis',
    'Hernia',
    'Infiltration',
    ['Infiltrate', 'Infiltration'], // so called in the box list
    'Mass',
    'Nodule',
    ['Pleural_Thickening', 'Pleural Thickening'],
    'Pneumonia',
    'Pneumothorax',
  ],
  noFinding: 'No Finding',
  exhaustive: { boxes: 'yes', films: 'unknown' },
};

const HELD_OUT_LISTS = [
  ['train_val_list.txt', 'train'],
  ['test_list.txt', 'val'],
] as const;

/** NIH ChestX-ray14: `Data_Entry_2017*.csv`, `BBox_List_2017.csv` and the split lists where they are there. */
export const nihImporter: Importer = {
  format: 'nih',
  labels: LABELS,
  async *films(input) {
    const boxes = await readBoxes(input);
    const splits = await readSplits(input);
    const table = requireTable(input.source, /^Data_Entry_2017.*\.csv$/i);
    for await (const { line, row } of readTable(table, entryRow, input.report.refuseRow(table.name))) {
      input.report.count(table.name);
      const key = row['Image Index'];
      const at: Place = { file: table.name, line };
      const names = row['Finding Labels'].split('|').map((name) => name.trim());
      const labels = names
        .filter((name) => name !== '')
        .map((label): Mark => ({ label, says: 'present', at }));
      const film: SourceFilm = {
        key,
        files: [key],
        patient: row['Patient ID'],
        at,
        read: 'image',
        marks: [...labels, ...(boxes.get(key) ?? [])],
        view: frontalView(row['View Position']),
        sex: sex(row['Patient Gender']),
        ageBand: ageBand(row['Patient Age']),
        split: splits.get(key),
      };
      boxes.delete(key);
      yield film;
    }
    for (const [key, marks] of boxes)
      for (const { at } of marks) input.report.refuse(at, `${key} is not in ${table.name}`);
  },
};

async function readBoxes({ source, report }: ImportInput): Promise<Map<string, Mark[]>> {
  const boxes = new Map<string, Mark[]>();
  const table = findTable(source, /^BBox_List_2017.*\.csv$/i);
  if (table === null) return boxes;
  for await (const { line, row } of readTable(table, boxRow, report.refuseRow(table.name))) {
    report.count(table.name);
    const says = { x: row['Bbox [x'], y: row.y, width: row.w, height: row['h]'] };
    const mark: Mark = { label: row['Finding Label'], says, at: { file: table.name, line } };
    const list = boxes.get(row['Image Index']);
    if (list === undefined) boxes.set(row['Image Index'], [mark]);
    else list.push(mark);
  }
  return boxes;
}

/** A list is a table of one column without a header. */
async function readSplits({ source }: ImportInput): Promise<Map<string, 'train' | 'val'>> {
  const splits = new Map<string, 'train' | 'val'>();
  for (const [name, split] of HELD_OUT_LISTS) {
    const list = findTable(source, name);
    if (list === null) continue;
    for await (const key of readLines(list)) splits.set(key, split);
  }
  return splits;
}

async function* readLines({ open }: TableFile): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of open() as AsyncIterable<Buffer>) {
    const lines = (rest + piece.toString('utf8')).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.map((line) => line.trim()).filter((line) => line !== '');
  }
  if (rest.trim() !== '') yield rest.trim();
}
