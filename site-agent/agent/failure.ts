import { FederationError } from '@fedoxnet/shared/errors';

/** Anything thrown, as an error of the table: what nobody foresaw is `INTERNAL` and keeps its cause. */
export function asFederationError(error: unknown): FederationError {
  if (error instanceof FederationError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new FederationError('INTERNAL', `${message.replace(/[.\s]+$/, '')}.`, { cause: error });
}
