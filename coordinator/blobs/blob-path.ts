import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';

const KEY = /^[a-z0-9][a-z0-9.-]*(\/[a-z0-9][a-z0-9.-]*)*$/;

/** Where a blob lies in a folder of blobs. No key leads out of it. */
export function blobPath(root: string, key: string): string {
  if (!KEY.test(key)) throw new TypeError(`"${key}" is no key of a blob`);
  return join(root, key);
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What opening the file of a blob failed with, in the words of the store. */
export function readFailure(key: string, error: unknown): unknown {
  if (!isMissing(error)) return error;
  return new FederationError('NOT_FOUND', `There is no blob ${key}.`, { cause: error });
}
