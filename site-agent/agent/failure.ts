import { isDiskFull } from '@fedoxnet/shared/disk-full';
import { FederationError } from '@fedoxnet/shared/errors';

/** Anything thrown, as an error of the table: what nobody foresaw is `INTERNAL` and keeps its cause. */
export function asFederationError(error: unknown): FederationError {
  if (error instanceof FederationError) return error;
  if (isDiskFull(error)) {
    const { path } = error as NodeJS.ErrnoException;
    const what = path === undefined ? 'The disk of the site' : `The disk that holds ${path}`;
    return new FederationError('DISK_FULL', `${what} is full.`, { cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new FederationError('INTERNAL', `${message.replace(/[.\s]+$/, '')}.`, { cause: error });
}
