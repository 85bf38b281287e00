import { FederationError, isErrorCode } from '@fedoxnet/shared/errors';
import type { Refusal } from '@fedoxnet/shared/protocol/http-messages';

/**
 * What the coordinator refused, in its own words. A defect of the coordinator says nothing about what was asked: like a
 * broken line it may be gone at the next try.
 * @returns null for a code that this agent does not know
 */
export function refusalIn({ error: { code, message } }: Refusal): FederationError | null {
  if (code === 'INTERNAL') return new FederationError('COORDINATOR_FAILED', message);
  return isErrorCode(code) ? new FederationError(code, message) : null;
}
