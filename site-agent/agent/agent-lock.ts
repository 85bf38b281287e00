import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { takeLock } from '../files/process-lock.js';

/**
 * Holds the home folder for one agent process.
 * @returns releases the lock
 * @throws {FederationError} `SITE_ALREADY_CONNECTED` when an agent with this home runs already
 */
export function lockHome(home: string): Promise<() => void> {
  return takeLock(
    join(home, 'agent.lock'),
    (holder) =>
      new FederationError(
        'SITE_ALREADY_CONNECTED',
        `An agent (process ${holder}) already runs with --home ${home}.`,
      ),
  );
}
