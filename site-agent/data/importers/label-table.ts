import { Readable } from 'node:stream';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { parse } from 'csv-parse';
import type { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';

/** A table somewhere in a source: its name for messages, and its bytes as often as they are asked for. */
export interface TableFile {
  readonly name: string;
  readonly open: () => Readable;
}

/** A row that passed its schema, with the line on which it ends. */
export interface TableRow<T> {
  readonly line: number;
  readonly row: T;
}

/** Takes a row that cannot be used, and why; without it such a row ends the reading. */
export type RefuseRow = (line: number, reason: string) => void;

/** One row of a label table is never longer; a quote that is not closed would else collect the whole file. */
const MAX_ROW_CHARACTERS = 1_000_000;
const DELIMITERS = [',', ';', '\t'] as const;

/**
 * Streams a table with a header line: comma, semicolon or tab, quoted or not, LF or CRLF, UTF-8 or UTF-16 with or without
 * its mark, plain or .gz. A row comes as an object by the header's names, which some published tables cut at the commas
 * inside them: `Bbox [x,y,w,h],,,` gives `Bbox [x`, `y`, `w`, `h]`. Rows may be shorter than the header where the schema
 * allows; cells beyond it must be empty.
 * @param schema of one row; a column that it needs and the header lacks is refused at once
 * @throws {FederationError} `DATA_INVALID` naming the table when it has no such column, is cut, or is no table; and for
 *   the first wrong row, with line and column, when there is no `refuse`
 */
export async function* readTable<S extends z.ZodObject>(
  table: TableFile,
  schema: S,
  refuse: RefuseRow = (line, reason) => {
    throw new FederationError('DATA_INVALID', `${table.name}, line ${line}, ${reason}.`);
  },
): AsyncGenerator<TableRow<z.output<S>>> {
  let header: readonly string[] | null = null;
  for await (const { line, cells } of records(table)) {
    if (header === null) {
      header = cells;
      checkHeader(table.name, header, schema);
      continue;
    }
    const surplus = cells.findIndex((cell, index) => index >= header!.length && cell !== '');
    if (surplus !== -1) {
      refuse(line, `it has ${cells.length} fields, the header ${header.length}`);
      continue;
    }
    const parsed = schema.safeParse(byName(header, cells));
    if (parsed.success) yield { line, row: parsed.data };
    else refuse(line, issueText(parsed.error));
  }
  if (header === null) throw new FederationError('DATA_INVALID', `${table.name} is empty.`);
}

function byName(header: readonly string[], cells: readonly string[]): Record<string, string> {
  const row: Record<string, string> = {};
  for (let index = 0; index < header.length && index < cells.length; index += 1) {
    const name = header[index]!;
    if (name !== '') row[name] = cells[index]!;
  }
  return row;
}

function issueText(error: z.ZodError): string {
  const issue = error.issues[0];
  const column = issue?.path.join('.') ?? '';
  return column === '' ? (issue?.message ?? 'wrong') : `column ${column}: ${issue?.message ?? 'wrong'}`;
}

function checkHeader(table: string, header: readonly string[], schema: z.ZodObject): void {
  const twice = header.find((name, index) => name !== '' && header.indexOf(name) !== index);
  if (twice !== undefined)
    throw new FederationError('DATA_INVALID', `${table} has the column ${twice} twice.`);
  const missing = Object.entries(schema.shape).find(
    ([name, field]) => !header.includes(name) && !(field as z.ZodType).safeParse(undefined).success,
  );
  if (missing !== undefined)
    throw new FederationError('DATA_INVALID', `${table} has no column ${missing[0]}.`);
}

async function* records({ name, open }: TableFile): AsyncGenerator<{ line: number; cells: string[] }> {
  try {
    const { delimiter, pieces } = await openText(name, open());
    const parser = parse({
      delimiter,
      info: true,
      relax_column_count: true,
      skip_empty_lines: true,
      relax_quotes: true, // a stray quote spoils its cell, not the table
      max_record_size: MAX_ROW_CHARACTERS,
    });
    const source = Readable.from(pieces);
    source.on('error', (error) => parser.destroy(error));
    source.pipe(parser);
    for await (const entry of parser as AsyncIterable<{ record: string[]; info: { lines: number } }>) {
      yield { line: entry.info.lines, cells: entry.record.map((cell) => cell.trim()) };
    }
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'EISDIR')
      throw new FederationError('DATA_MISSING', `${name} cannot be read (${message}).`, { cause });
    throw new FederationError('DATA_INVALID', `${name} is not a table: ${message.replace(/\.$/, '')}.`, {
      cause,
    });
  }
}

interface TableText {
  readonly delimiter: string;
  readonly pieces: AsyncIterable<string>;
}

/** Decodes the stream and looks at its first line: the delimiter that it has most of is the table's. */
async function openText(name: string, stream: Readable): Promise<TableText> {
  const pieces = decoded(name.endsWith('.gz') ? unzipped(stream) : stream);
  let start = '';
  let end = false;
  while (!start.includes('\n') && !end && start.length < MAX_ROW_CHARACTERS) {
    const next = await pieces.next();
    if (next.done === true) end = true;
    else start += next.value;
  }
  const line = start.slice(0, (start.indexOf('\n') + 1 || start.length + 1) - 1);
  const counts = DELIMITERS.map((delimiter) => line.split(delimiter).length);
  const delimiter = DELIMITERS[counts.indexOf(Math.max(...counts))]!;
  return { delimiter, pieces: joined(start, pieces) };
}

async function* joined(start: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  if (start !== '') yield start;
  yield* rest;
}

function unzipped(stream: Readable): Readable {
  const gunzip = createGunzip();
  stream.on('error', (error) => gunzip.destroy(error));
  return stream.pipe(gunzip);
}

/** UTF-16 by its mark, else UTF-8; the decoder drops the mark. */
async function* decoded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let decoder: TextDecoder | null = null;
  for await (const piece of bytes) {
    if (decoder === null) {
      const mark = ((piece[0] ?? 0) << 8) | (piece[1] ?? 0);
      decoder = new TextDecoder(mark === 0xfffe ? 'utf-16le' : mark === 0xfeff ? 'utf-16be' : 'utf-8');
    }
    yield decoder.decode(piece, { stream: true });
  }
  const rest = decoder?.decode() ?? '';
  if (rest !== '') yield rest;
}
