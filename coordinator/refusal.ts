import { ERRORS, FederationError } from '@fedoxnet/shared/errors';
import { isDiskFull } from '@fedoxnet/shared/disk-full';
import type { Refusal } from '@fedoxnet/shared/protocol/http-messages';
import { passingDatabaseFailure } from './storage/database-failure.js';

/** How a refusal looks to the peer, over HTTP and over the socket alike. */
export function refusalOf({ code, message }: FederationError): Refusal {
  return { error: { code, message, help: ERRORS[code].help } };
}

/** What libraries throw, in our words; anything unforeseen is a defect and tells the peer nothing of itself. */
export function asFederationError(error: unknown): FederationError {
  if (error instanceof FederationError) return error;
  const passing = passingDatabaseFailure(error);
  if (passing !== null) return passing;
  if (isDiskFull(error)) {
    return new FederationError('DISK_FULL', 'The disk of the coordinator is full.', { cause: error });
  }
  const { type, status } = (error ?? {}) as { readonly type?: unknown; readonly status?: unknown };
  if (type === 'entity.too.large') return new FederationError('TOO_LARGE', 'The body is too large.');
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new FederationError('MESSAGE_INVALID', 'The request cannot be read.', { cause: error });
  }
  return new FederationError('INTERNAL', 'The coordinator met an unexpected error.', { cause: error });
}
