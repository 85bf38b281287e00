import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import type { ImportReport } from './import-report.js';
import { readTable } from './label-table.js';
import { named } from './table-fields.js';

const row = z.object({ film: named, patient: named });

/**
 * Whose each film is, for sources that do not say: a table with the columns `film`, as the source calls it, and `patient`.
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID`
 */
export async function readPatients(path: string, report: ImportReport): Promise<Map<string, string>> {
  const file = basename(path);
  const patients = new Map<string, string>();
  const table = { name: path, open: () => createReadStream(path) };
  for await (const { line, row: entry } of readTable(table, row, report.refuseRow(file))) {
    report.count(file);
    const known = patients.get(entry.film);
    if (known !== undefined && known !== entry.patient)
      report.refuse({ file, line }, `${entry.film} is another patient's film in an earlier row`);
    else patients.set(entry.film, entry.patient);
  }
  return patients;
}
