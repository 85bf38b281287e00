import { FederationError, type ErrorCode } from '@fedoxnet/shared/errors';

/** The FederationError that `task` rejects with; fails when it resolves or rejects with anything else. */
export async function rejection(task: Promise<unknown>): Promise<FederationError> {
  try {
    await task;
  } catch (error) {
    if (error instanceof FederationError) return error;
    throw error;
  }
  throw new Error('expected a rejection');
}

export async function codeOf(task: Promise<unknown>): Promise<ErrorCode> {
  return (await rejection(task)).code;
}
