import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { chosenWay, openPacs, readPacsSettings, type PacsOverrides } from '../../data/pacs/pacs-settings.js';
import { pull, type PullSummary } from '../../data/pacs/pull.js';
import { bringInText } from '../bring-in-text.js';
import { bringInOptions, type DoorOptions } from '../door-options.js';
import { withProgressBars } from '../long-work.js';
import type { Outcome, Terminal } from '../terminal.js';

export interface PullCommandOptions extends DoorOptions {
  readonly home?: string;
  readonly by?: 'dicomweb' | 'get' | 'move';
  readonly dicomweb?: string;
  readonly user?: string;
  readonly secretFile?: string;
  readonly pacs?: string;
  readonly ae?: string;
  readonly storePort?: number;
  readonly storeHost?: string;
  readonly tls?: boolean;
  readonly tlsCa?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly modality?: string[];
  readonly bodyPart?: string;
  readonly from?: string;
  readonly to?: string;
  readonly filmsPerSecond?: number;
  readonly hours?: string;
  readonly connections?: number;
  readonly timeout?: number;
  readonly attempts?: number;
  readonly limit?: number;
  readonly once?: boolean;
}

/** Fetches from the PACS what is not here yet, until everything is here, the PACS is gone, or a signal comes. */
export async function pullFilms(options: PullCommandOptions, terminal: Terminal): Promise<Outcome> {
  const { from = null, to = null, limit = Infinity, once = false } = options;
  if (from !== null && to !== null && from > to)
    throw new FederationError('USAGE', `--from ${from} is after --to ${to}.`);
  const home = options.home === undefined ? null : resolve(options.home);
  const settings = await readPacsSettings(home, overridesOf(options));
  if (settings === null)
    throw new FederationError(
      'USAGE',
      'No PACS is named: give --dicomweb or --pacs, or --home with a pacs.json.',
    );
  const { modalities, bodyPart = null, filmsPerSecond = null, hours = null, attempts } = settings;
  const pacs = await openPacs(settings, chosenWay(settings), home);
  const stop = new AbortController();
  const end = (): void => stop.abort();
  process.once('SIGINT', end);
  process.once('SIGTERM', end);
  try {
    const { summary, failure } = await withProgressBars((bar) =>
      pull(pacs, {
        ...bringInOptions(options),
        ...{ query: { modalities, from, to, bodyPart }, filmsPerSecond, hours, attempts, limit, once },
        now: () => new Date(),
        signal: stop.signal,
        onFinding: bar('studies'),
        onProgress: bar('films'),
        onRetry: ({ code, message }, ms) =>
          terminal.err(`${code}: ${message} Trying again in ${(ms / 1000).toFixed(1)} s.\n`),
        onWaiting: (until) => terminal.err(`Waiting for the allowed hours, ${until.toLocaleString()}.\n`),
      }),
    );
    return { document: summary, text: summaryText(summary), ...(failure !== null && { failure }) };
  } finally {
    process.off('SIGINT', end);
    process.off('SIGTERM', end);
    await pacs.close();
  }
}

/** Paths of options are relative to where the command runs, those of the file to the home. */
function overridesOf(options: PullCommandOptions): PacsOverrides {
  const { by, modality, bodyPart, filmsPerSecond, hours, connections, timeout, attempts } = options;
  const secretFile = options.secretFile === undefined ? undefined : resolve(options.secretFile);
  const dicomweb = given({ url: options.dicomweb, user: options.user, secretFile });
  const dimse = given({
    ...{ pacs: options.pacs, ae: options.ae, storePort: options.storePort, storeHost: options.storeHost },
    retrieve: by === 'dicomweb' ? undefined : by,
    tls: tlsOf(options),
  });
  return given({
    ...{ dicomweb, dimse, modalities: modality, bodyPart, filmsPerSecond, hours, connections, attempts },
    by: by === undefined || by === 'dicomweb' ? by : ('dimse' as const),
    timeoutSeconds: timeout,
  }) as PacsOverrides;
}

/** `--tls` alone is TLS with the public CAs. */
function tlsOf(options: PullCommandOptions) {
  const path = (file: string | undefined) => (file === undefined ? undefined : resolve(file));
  const fields = given({
    ...{ caFile: path(options.tlsCa), certificateFile: path(options.tlsCertificate) },
    ...{ keyFile: path(options.tlsKey), serverName: options.tlsServerName },
  });
  return fields ?? (options.tls === true ? {} : undefined);
}

/** @returns undefined when nothing is given, so that it hides nothing of the file */
function given<O extends object>(fields: O): Partial<O> | undefined {
  const found = Object.entries(fields).filter(([, value]) => value !== undefined);
  return found.length === 0 ? undefined : (Object.fromEntries(found) as Partial<O>);
}

function summaryText(summary: PullSummary): string {
  const { pacs, dryRun, found, known, fetched, bytes, seconds, missing } = summary;
  if (dryRun)
    return `${pacs} has ${found} films that fit: ${known} are here already, ${found - known} would be fetched`;
  const left = Object.entries(missing).map(([why, count]) => `${count} still missing: ${why}`);
  return [
    `${pacs} has ${found} films that fit: ${known} were here already, ${fetched} were fetched ` +
      `(${(bytes / 1e6).toFixed(1)} MB in ${seconds.toFixed(1)} s)`,
    ...left,
    ...(summary.import === null ? [] : [bringInText({ ...summary, ...summary.import })]),
  ].join('\n');
}
