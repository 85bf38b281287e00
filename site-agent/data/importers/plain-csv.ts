import { z } from 'zod';
import type { Place } from './import-report.js';
import { readTable } from './label-table.js';
import { oneFile } from './source-tables.js';
import type { Importer, Mark, SourceFilm } from './source-film.js';
import { ageBand, decimalOrEmpty, frontalView, named, sex } from './table-fields.js';

/** Only `film` is needed; a row is a film without a reading, a label of it, or a box. */
const row = z.object({
  film: named,
  patient: z.string().default(''),
  label: z.string().default(''),
  present: z.enum(['', '1', '0', '-1'], 'is not 1, 0, -1 or empty').default(''),
  x: decimalOrEmpty,
  y: decimalOrEmpty,
  width: decimalOrEmpty,
  height: decimalOrEmpty,
  view: z.string().optional(),
  sex: z.string().optional(),
  age: z.string().optional(),
  split: z.enum(['', 'train', 'val'], 'is not train, val or empty').default(''),
});
type PlainRow = z.output<typeof row>;

/**
 * A site's own table, a row per film and finding: `film` and, where known, `patient,label,present,x,y,width,height,view,
 * sex,age,split`. With a label and nothing else the finding is present; `present` 0 is absent, -1 uncertain; the four
 * numbers box it. A film that has a label was read; for boxes, when the table has any.
 * @param file name of the .csv in the source; null where there is only one
 */
export function plainCsvImporter(file: string | null): Importer {
  return {
    format: 'csv',
    labels: null,
    async *films({ source, report }) {
      const table = oneFile(source, '.csv', file);
      const films = new Map<string, { readonly film: SourceFilm; readonly marks: Mark[] }>();
      let boxes = 0;
      const rows = { name: table, open: () => source.open(table) };
      for await (const { line, row: entry } of readTable(rows, row, report.refuseRow(table))) {
        report.count(table);
        const at = { file: table, line };
        const known = films.get(entry.film) ?? { film: filmOf(entry, at), marks: [] };
        films.set(entry.film, known);
        if (entry.patient === '') report.note('Some films name no patient: each of them counts as one.');
        else if (known.film.patient !== entry.patient) {
          report.refuse(at, `${entry.film} has another patient in line ${known.film.at.line}`);
          continue;
        }
        if (entry.label === '') continue;
        const says = saysOf(entry);
        if (says === null)
          report.refuse(at, `${entry.film} has a box that is not whole, or of an absent finding`);
        else known.marks.push({ label: entry.label, says, at });
        if (typeof says === 'object' && says !== null) boxes += 1;
      }
      for (const { film, marks } of films.values()) {
        const read = marks.length === 0 ? 'none' : boxes > 0 ? 'box' : 'image';
        yield { ...film, read, marks };
      }
    },
  };
}

function filmOf(entry: PlainRow, at: Place): SourceFilm {
  return {
    key: entry.film,
    files: [entry.film],
    patient: entry.patient || entry.film,
    at,
    read: 'none',
    marks: [],
    view: frontalView(entry.view),
    sex: sex(entry.sex),
    ageBand: ageBand(entry.age),
    ...(entry.split !== '' && { split: entry.split }),
  };
}

/** @returns null for a row that contradicts itself */
function saysOf({ present, x, y, width, height }: PlainRow): Mark['says'] | null {
  if (x === null && y === null && width === null && height === null)
    return present === '0' ? 'absent' : present === '-1' ? 'uncertain' : 'present';
  if (x === null || y === null || width === null || height === null) return null;
  return present === '' || present === '1' ? { x, y, width, height } : null;
}
