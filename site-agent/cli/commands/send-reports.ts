import { readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { Destination } from '../../reports/delivery/destination.js';
import { readFindingsSettings } from '../../reports/delivery/findings-settings.js';
import { openDestination, sendReports } from '../../reports/delivery/send-reports.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

/** Sends reports that were written before: files, or all of a folder. */
export async function sendReportFiles(
  paths: readonly string[],
  { home }: { readonly home: string },
): Promise<Outcome> {
  const files = (await Promise.all(paths.map(reportsIn))).flat();
  if (files.length === 0)
    throw new FederationError('DATA_MISSING', `${paths.join(', ')} holds no .dcm file.`);
  return deliver(await openDestination(await readFindingsSettings(home), home), files, home);
}

/** Sends files and closes the destination. What was sent before a failure is said, and the rest can be sent later. */
export async function deliver(
  destination: Destination,
  files: readonly string[],
  home: string,
): Promise<Outcome> {
  const { place } = destination;
  let count = 0;
  let failure: FederationError | null = null;
  try {
    await withProgressBar('reports', (onProgress) =>
      sendReports(destination, files, resolve(home), new AbortController().signal, (sent, total) => {
        count = sent;
        onProgress(sent, total);
      }),
    );
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    failure = error;
  } finally {
    await destination.close();
  }
  return {
    document: { place, files: files.length, sent: count },
    text: `${count} of ${files.length} reports sent to ${place}`,
    ...(failure !== null && { failure }),
  };
}

async function reportsIn(path: string): Promise<string[]> {
  const found = await stat(path).catch((cause: Error) => {
    throw new FederationError('DATA_MISSING', `${path} cannot be read (${cause.message}).`, { cause });
  });
  if (!found.isDirectory()) return [resolve(path)];
  const names = await readdir(path);
  return names
    .filter((name) => name.endsWith('.dcm'))
    .sort()
    .map((name) => resolve(join(path, name)));
}
