import { FederationError } from '@fedoxnet/shared/errors';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { readDicomTls } from '../../data/pacs/dimse/dicom-tls.js';
import { webTarget } from '../../data/pacs/pacs-settings.js';
import { Ledger } from '../../ledger/ledger.js';
import type { Destination } from './destination.js';
import { DimseDestination } from './dimse-destination.js';
import { FINDINGS_FILE, type FindingsSettings } from './findings-settings.js';
import { FolderDestination } from './folder-destination.js';
import { readReportObject } from './report-object.js';
import { WebDestination } from './web-destination.js';

/**
 * @param home to which paths of secrets and certificates are relative
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
  if (dimse !== undefined) {
    const tls = dimse.tls === undefined ? null : await readDicomTls(dimse.tls, home);
    return new DimseDestination({ ...dimse.to, callingAe: dimse.ae, tls, timeoutMs });
  }
  throw new FederationError(
    'CONFIG_INVALID',
    `No destination is set in ${FINDINGS_FILE} of the home: reports are written and not sent.`,
  );
}

/**
 * Sends files in their order and stops at the first that is not taken. Each gets its line in the ledger of the home, refused
 * or not, if any of its bytes left.
 * @param onSent called after each
 * @throws {FederationError} as `readReportObject` and `Destination.send`; `LEDGER_UNWRITABLE`
 */
export async function sendReports(
  destination: Destination,
  paths: readonly string[],
  home: string,
  signal: AbortSignal,
  onSent: (sent: number, total: number) => void = () => undefined,
): Promise<void> {
  const faults: Error[] = [];
  const ledger = new Ledger({ home, to: destination.place, onFault: (error) => faults.push(error) });
  for (const [index, path] of paths.entries()) {
    const object = await readReportObject(path);
    const digest = digestOf(object.file);
    const [outcome] = await Promise.allSettled([
      destination.send(object, signal, (bytes) => ledger.report(bytes, digest)),
    ]);
    const [fault] = faults;
    if (fault !== undefined) throw unwritable(home, fault);
    if (outcome.status === 'rejected') throw outcome.reason;
    onSent(index + 1, paths.length);
  }
}

function unwritable(home: string, cause: Error): FederationError {
  const why = (cause as NodeJS.ErrnoException).code ?? cause.message;
  return new FederationError('LEDGER_UNWRITABLE', `The ledger in ${home} cannot be written (${why}).`, {
    cause,
  });
}
