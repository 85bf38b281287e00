import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';

/** A row that passed its schema, with its line in the file for messages. */
export interface TableRow<T> {
  readonly line: number;
  readonly row: T;
}

/**
 * Reads a comma-separated table with a header line, every field checked.
 * @throws {FederationError} `DATA_MISSING` without the file; `DATA_INVALID` naming file, line and column otherwise
 */
export async function readCsvTable<S extends z.ZodType>(
  path: string,
  schema: S,
): Promise<TableRow<z.output<S>>[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new FederationError('DATA_MISSING', `${path} cannot be read (${(cause as Error).message}).`, {
      cause,
    });
  }
  let records: { record: unknown; info: { lines: number } }[];
  try {
    records = parse(text, { columns: true, bom: true, info: true, skip_empty_lines: true }) as typeof records;
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new FederationError('DATA_INVALID', `${path} is not a comma-separated table: ${reason}.`, {
      cause,
    });
  }
  return records.map(({ record, info }) => {
    const parsed = schema.safeParse(record);
    if (parsed.success) return { line: info.lines, row: parsed.data };
    const issue = parsed.error.issues[0];
    throw new FederationError(
      'DATA_INVALID',
      `${path}, line ${info.lines}, column ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? 'wrong'}.`,
      { cause: parsed.error },
    );
  });
}
