import { FederationError } from '@fedoxnet/shared/errors';

/** The code with which it is refused, `none`, or whatever else it failed with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof FederationError ? error.code : String(error)),
  );
}
