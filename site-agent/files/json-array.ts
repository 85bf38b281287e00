import { createReadStream } from 'node:fs';
import { type ErrorCode, FederationError } from '@fedoxnet/shared/errors';

/** Characters of one entry: no honest one comes near, and a file that is no list is not read into memory. */
const MAX_ENTRY = 1024 * 1024;

/**
 * The entries of a JSON file that is one long array, parsed one at a time, so that memory does not grow with the file.
 * @throws {FederationError} `DATA_MISSING` without the file; `code` when it cannot be read, is not a JSON array, or one entry
 *   is not JSON; the message names the file and the entry (1-based)
 */
export async function* readJsonArray(path: string, code: ErrorCode): AsyncGenerator<unknown> {
  const splitter = new ArraySplitter(path, code);
  const file = createReadStream(path, { encoding: 'utf8', highWaterMark: 256 * 1024 });
  try {
    for await (const text of file) yield* splitter.push(text as string);
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new FederationError('DATA_MISSING', `${path} does not exist.`, { cause });
    throw new FederationError(code, `${path} cannot be read (${(cause as Error).message}).`, { cause });
  }
  splitter.end();
}

/** Finds the commas of the outer array; `JSON.parse` judges what lies between them. */
class ArraySplitter {
  private place: 'before' | 'inside' | 'after' = 'before';
  private entry = '';
  private entries = 0;
  private depth = 0;
  private inString = false;
  private escaped = false;

  constructor(
    private readonly path: string,
    private readonly code: ErrorCode,
  ) {}

  *push(text: string): Generator<unknown> {
    let start = 0;
    for (let i = 0; i < text.length; i++) {
      const sign = text[i] as string;
      if (this.inString) {
        if (this.escaped) this.escaped = false;
        else if (sign === '\\') this.escaped = true;
        else if (sign === '"') this.inString = false;
      } else if (this.place !== 'inside') {
        if (this.place === 'before' && sign === '[') this.place = 'inside';
        else if (!/[\s\uFEFF]/.test(sign)) throw this.refusal('is not a JSON array');
        start = i + 1;
      } else if (sign === '"') this.inString = true;
      else if (sign === '{' || sign === '[') this.depth++;
      else if (this.depth > 0) {
        if (sign === '}' || sign === ']') this.depth--;
      } else if (sign === ',' || sign === ']') {
        this.entry += text.slice(start, i);
        start = i + 1;
        const isEmptyArray = sign === ']' && this.entries === 0 && this.entry.trim() === '';
        if (!isEmptyArray) yield this.parsed();
        this.entry = '';
        if (sign === ']') this.place = 'after';
      }
    }
    if (this.place === 'inside') this.entry += text.slice(start);
    if (this.entry.length > MAX_ENTRY)
      throw this.refusal(`has more than ${MAX_ENTRY} characters in entry ${this.entries + 1}`);
  }

  end(): void {
    if (this.place === 'before') throw this.refusal('is empty');
    if (this.place === 'inside') throw this.refusal(`ends within entry ${this.entries + 1}`);
  }

  private parsed(): unknown {
    this.entries++;
    try {
      return JSON.parse(this.entry);
    } catch (cause) {
      throw this.refusal(`is not JSON in entry ${this.entries} (${(cause as Error).message})`, { cause });
    }
  }

  private refusal(what: string, options?: ErrorOptions): FederationError {
    return new FederationError(this.code, `${this.path} ${what}.`, options);
  }
}
