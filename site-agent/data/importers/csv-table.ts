import { createReadStream } from 'node:fs';
import type { z } from 'zod';
import { readTable, type TableRow } from './label-table.js';

/**
 * Reads a whole table of the disk in which every row must be right.
 * @throws {FederationError} `DATA_MISSING` without the file; `DATA_INVALID` naming file, line and column otherwise
 */
export async function readCsvTable<S extends z.ZodObject>(
  path: string,
  schema: S,
): Promise<TableRow<z.output<S>>[]> {
  const rows: TableRow<z.output<S>>[] = [];
  for await (const row of readTable({ name: path, open: () => createReadStream(path) }, schema))
    rows.push(row);
  return rows;
}
