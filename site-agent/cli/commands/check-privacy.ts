import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { checkPrivacy, type PrivacyReport } from '../../data/privacy/privacy-check.js';
import { withProgressBar } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface CheckPrivacyOptions {
  readonly source: string;
  readonly data: string;
  readonly home?: string;
  readonly also?: readonly string[];
  readonly films: number;
}

/** Places that the error line names; --json has the first of each file. */
const NAMED = 10;

/** Looks for header values of the source films in all that the site keeps, and in recordings of what it sent. */
export async function checkPrivacyOf(options: CheckPrivacyOptions): Promise<Outcome> {
  const { source, data, home, also = [], films } = options;
  const searched = [data, ...(home === undefined ? [] : [home]), ...also].map((path) => resolve(path));
  const report = await withProgressBar('files', (onProgress) =>
    checkPrivacy({ source: resolve(source), searched, films, onProgress }),
  );
  const { sightings, open } = report;
  if (sightings.length > 0) throw new FederationError('HEADER_VALUE_FOUND', sightingsText(sightings));
  if (open.length > 0)
    throw new FederationError(
      'HEADER_VALUE_FOUND',
      `Others may read ${open.join(', ')}: only the owner should.`,
    );
  const text = [
    `${report.values} header values of ${report.films} films: none of them in ${report.files} files, ${report.bytes} bytes`,
    ...(report.unreadable === 0
      ? []
      : [`${report.unreadable} films have no readable header: nothing is known of them`]),
  ].join('\n');
  return { document: report, text };
}

function sightingsText(sightings: PrivacyReport['sightings']): string {
  const named = sightings.slice(0, NAMED).map(({ tag, view, file }) => `${tag} as ${view} in ${file}`);
  const more = sightings.length > NAMED ? `, and ${sightings.length - NAMED} more` : '';
  return `Header values of the source films were found: ${named.join(', ')}${more}.`;
}
