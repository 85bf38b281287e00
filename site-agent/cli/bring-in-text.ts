import type { DicomImportSummary } from '../data/door/bring-in-films.js';
import { placeText } from '../data/importers/import-report.js';

/** Lines of one kind that are printed; the report has all. */
const LISTED = 20;

/** What the door made of the films that came to it. */
export function bringInText({
  out,
  dryRun,
  files,
  films,
  patients,
  quarantine,
  refused,
}: Omit<DicomImportSummary, 'source'>): string {
  const { admitted, quarantined, repeated, known, other } = files;
  const aside = quarantine.map(
    ({ id, findings }) => `set aside, ${id}: ${findings.map(({ detail }) => detail).join(' ')}`,
  );
  return [
    `${admitted} films came in, ${quarantined} were set aside, ${repeated} came twice, ` +
      `${known} were here already, ${other} files are no DICOM`,
    ...listed(aside),
    ...listed(refused.map((entry) => `refused, ${placeText(entry)}: ${entry.reason}`)),
    `${dryRun ? 'would make' : 'made'} ${out}: ${films.train} training films of ${patients.train} patients, ` +
      `${films.val} held out of ${patients.val}`,
    ...(quarantined === 0 || dryRun ? [] : [`look at them: fedoxnet-site quarantine list --data ${out}`]),
  ].join('\n');
}

function listed(lines: readonly string[]): string[] {
  if (lines.length <= LISTED) return [...lines];
  return [...lines.slice(0, LISTED), `… and ${lines.length - LISTED} more`];
}
