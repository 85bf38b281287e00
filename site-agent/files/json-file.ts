import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { type ErrorCode, FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';

/**
 * Reads a JSON file of the site and checks it against `schema`.
 * @returns null when the file does not exist.
 * @throws {FederationError} `code` when it cannot be read, is not JSON, or a field is wrong; the message names file and field.
 */
export async function readJsonFile<S extends z.ZodType>(
  path: string,
  schema: S,
  code: ErrorCode,
): Promise<z.output<S> | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new FederationError(code, `${path} cannot be read (${(cause as Error).message}).`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FederationError(code, `${path} is not JSON.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FederationError(code, `${path} is invalid: ${firstIssue(parsed.error)}.`, {
    cause: parsed.error,
  });
}
