import { FederationError } from '@fedoxnet/shared/errors';
import { failed, type Check, type CheckLine } from './check.js';

/**
 * Runs one check after the other; none stops the next.
 * @param onLine called as soon as a line is known
 */
export async function runChecks(
  checks: readonly Check[],
  onLine: (line: CheckLine) => void = () => undefined,
): Promise<CheckLine[]> {
  const lines: CheckLine[] = [];
  for (const { name, title, run } of checks) {
    const result = await run().catch((error: unknown) => {
      if (error instanceof FederationError) return failed(error.message, error.entry.help);
      return failed((error as Error).message, 'This was not foreseen: please report it.');
    });
    const line = { name, title, ...result };
    lines.push(line);
    onLine(line);
  }
  return lines;
}
