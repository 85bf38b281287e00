import { FederationError } from '@fedoxnet/shared/errors';
import { webTarget } from '../../data/pacs/pacs-settings.js';
import type { Destination } from './destination.js';
import { DimseDestination } from './dimse-destination.js';
import { FINDINGS_FILE, type FindingsSettings } from './findings-settings.js';
import { FolderDestination } from './folder-destination.js';
import { readReportObject } from './report-object.js';
import { WebDestination } from './web-destination.js';

/**
 * @param home to which the path of a secret file is relative
 * @throws {FederationError} `CONFIG_INVALID` when the settings name no destination: nothing is sent by default
 */
export async function openDestination(
  { destination, timeoutSeconds }: FindingsSettings,
  home: string | null,
): Promise<Destination> {
  const timeoutMs = timeoutSeconds * 1000;
  const { folder, dicomweb, dimse } = destination ?? {};
  if (folder !== undefined) return new FolderDestination(folder);
  if (dicomweb !== undefined)
    return new WebDestination({ ...(await webTarget(dicomweb, home)), timeoutMs, connections: 1 });
  if (dimse !== undefined) return new DimseDestination({ ...dimse.to, callingAe: dimse.ae, timeoutMs });
  throw new FederationError(
    'CONFIG_INVALID',
    `No destination is set in ${FINDINGS_FILE} of the home: reports are written and not sent.`,
  );
}

/**
 * Sends files in their order and stops at the first that is not taken.
 * @param onSent called after each
 * @throws {FederationError} as `readReportObject` and `Destination.send`
 */
export async function sendReports(
  destination: Destination,
  paths: readonly string[],
  signal: AbortSignal,
  onSent: (sent: number, total: number) => void = () => undefined,
): Promise<void> {
  for (const [index, path] of paths.entries()) {
    await destination.send(await readReportObject(path), signal);
    onSent(index + 1, paths.length);
  }
}
