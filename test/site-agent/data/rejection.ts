import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';

/** The refusal with which a promise ended. Anything else fails the test. */
export async function rejection(promise: Promise<unknown>): Promise<FederationError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof FederationError) return error;
    throw error;
  }
  return expect.fail('expected a refusal, but nothing was thrown');
}
