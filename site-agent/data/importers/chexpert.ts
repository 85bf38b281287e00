import { z } from 'zod';
import { chexpertLabels, findingColumns, findingMarks } from './chexpert-findings.js';
import { readTable } from './label-table.js';
import { findTable, requireTable } from './source-tables.js';
import type { Importer } from './source-film.js';
import { ageBand, frontalView, named, sex } from './table-fields.js';

const row = z.object({
  Path: named,
  Sex: z.string().optional(),
  Age: z.string().optional(),
  'Frontal/Lateral': z.string(),
  'AP/PA': z.string().optional(),
  ...findingColumns,
});

const PATIENT = /(?:^|\/)(patient\d+)\//;
const TABLES = [
  ['train.csv', 'train'],
  ['valid.csv', 'val'],
] as const;

/** CheXpert, full or small: `train.csv` and `valid.csv`, a row per film, labels mined from reports. Frontal films only. */
export const chexpertImporter: Importer = {
  format: 'chexpert',
  labels: chexpertLabels('chexpert'),
  async *films({ source, report }) {
    for (const [name, split] of TABLES) {
      const table = split === 'train' ? requireTable(source, name) : findTable(source, name);
      if (table === null) continue;
      for await (const { line, row: film } of readTable(table, row, report.refuseRow(table.name))) {
        report.count(table.name);
        const at = { file: table.name, line };
        const patient = PATIENT.exec(film.Path)?.[1];
        if (patient === undefined) report.refuse(at, `${film.Path} names no patient`);
        else if (film['Frontal/Lateral'] !== 'Frontal')
          report.refuse(
            at,
            `${film.Path} is ${film['Frontal/Lateral'].toLowerCase() || 'of no known view'}, not frontal`,
          );
        else
          yield {
            key: film.Path,
            files: [film.Path],
            patient,
            at,
            read: 'image',
            marks: findingMarks(film, at),
            view: frontalView(film['AP/PA']),
            sex: sex(film.Sex),
            ageBand: ageBand(film.Age),
            split,
          };
      }
    }
  },
};
