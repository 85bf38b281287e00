import { isAbsolute, relative, resolve, sep } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { selectBackend } from '../../backend/select-backend.js';
import type { SetAside } from '../../data/film-cache.js';
import { readFindingsSettings, type FindingsSettings } from '../../reports/delivery/findings-settings.js';
import { openDestination } from '../../reports/delivery/send-reports.js';
import { ReportFolder } from '../../reports/dicom/report-folder.js';
import { withProgressBar } from '../long-work.js';
import { readModelHere, type ModelHere } from '../model-here.js';
import type { ModelOptions } from '../model-options.js';
import { OverlayFolder } from '../overlay-folder.js';
import {
  filmDocument,
  filmLine,
  reportFiles,
  summaryLine,
  unreportedLine,
  writeCocoResults,
} from '../prediction-report.js';
import { seeFilms, type FilmOutputs } from '../see-films.js';
import type { Outcome } from '../terminal.js';
import { agentVersion } from '../version.js';
import { deliver } from './send-reports.js';

export interface PredictOptions extends Omit<ModelOptions, 'data'> {
  /** Folder of a catalogue, when no files are named. */
  readonly data?: string;
  /** COCO results file to write; the images its ids mean stand beside it. */
  readonly out?: string;
  /** Folder for one PNG per film with what was found on it. */
  readonly overlays?: string;
  /** Folder for one structured report per DICOM film. */
  readonly reports?: string;
  /** Also a presentation state per report. */
  readonly gsps?: boolean;
  /** Also send them to the destination in the site's settings. */
  readonly send?: boolean;
  /** Of the site's agent: its settings of findings, and its own norms of a study that does not share them. */
  readonly home?: string;
  readonly minScore: number;
}

/**
 * Says what a model sees on films: class, score, and box in pixels of the film. Overlays and DICOM reports are written film by
 * film, everything else when all are seen.
 */
export async function predict(files: readonly string[], options: PredictOptions): Promise<Outcome> {
  if (files.length > 0 === (options.data !== undefined))
    throw new FederationError('USAGE', 'Name films, or their catalogue with --data, not both.');
  if ((options.gsps === true || options.send === true) && options.reports === undefined)
    throw new FederationError('USAGE', '--gsps and --send need --reports.');
  refuseReportsInside(options);
  const path = resolve(options.model);
  const here = await readModelHere(path, options.home);
  const { released, norms } = here;
  const settings = await readFindingsSettings(options.home);
  const outputs = openOutputs(options, here, settings);
  const delivery = options.send === true ? await openDelivery(settings, options.home) : null;
  const { threads, data, split, cache, minScore } = options;
  await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const { films, setAside } = await withProgressBar('films', (onProgress) =>
    seeFilms({ files, data, split, cache, minScore }, released, outputs, onProgress),
  );
  if (films.length === 0) throw noFilm(setAside, options);
  const { classes, metadata } = released;
  const { out, overlays, reports } = options;
  const written = {
    ...(out !== undefined && (await writeCocoResults(out, films, classes))),
    ...(overlays !== undefined && { overlays: resolve(overlays) }),
    ...(reports !== undefined && { reports: resolve(reports) }),
  };
  const sent =
    delivery === null ? null : await deliver(delivery.destination, films.flatMap(reportFiles), delivery.home);
  const document = {
    model: path,
    ...{ study: metadata['study'] ?? null, release: metadata['release'] ?? null },
    ...{ norms, classes, minScore, ...written },
    ...(sent !== null && { sent: sent.document }),
    films: films.map((film) => filmDocument(film, classes)),
    setAside,
  };
  const lines = [
    ...(files.length > 0 ? films.map(filmLine) : []),
    ...films.flatMap(unreportedLine),
    ...setAside.map(({ id, reason }) => `${id} is set aside: ${reason}`),
    summaryLine(films, Object.values(written)),
    ...(sent === null ? [] : [sent.text]),
  ];
  return { document, text: lines.join('\n'), ...(sent?.failure !== undefined && { failure: sent.failure }) };
}

/** Only a home says where reports go, and its ledger that they went. */
async function openDelivery(settings: FindingsSettings, home: string | undefined) {
  if (home === undefined) throw new FederationError('USAGE', '--send needs --home, where findings.json is.');
  return { home, destination: await openDestination(settings, home) };
}

/** Reports repeat whose film it is; these two folders must not hold a header value (`check --privacy`). */
function refuseReportsInside({ reports, data, home }: PredictOptions): void {
  if (reports === undefined) return;
  for (const folder of [data, home]) {
    const way = folder === undefined ? '..' : relative(resolve(folder), resolve(reports));
    if (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
      throw new FederationError(
        'USAGE',
        `--reports ${reports} lies in ${folder}, which keeps no names of patients.`,
      );
  }
}

function openOutputs(
  { overlays, reports, gsps = false, minScore }: PredictOptions,
  { released: { classes, metadata, sha256 }, norms }: ModelHere,
  { reportClass, codes }: FindingsSettings,
): FilmOutputs {
  const { study, release } = metadata;
  const own = norms === 'own' ? ', norms of this site' : '';
  const model = study === undefined ? '' : `${study} release ${release ?? '?'}${own}`;
  const named = {
    name: study === undefined ? 'OXnet' : `OXnet of ${study}`,
    version: release === undefined ? 'unreleased' : `release ${release}${own}`,
    ...{ sha256, software: agentVersion() },
  };
  return {
    overlays:
      overlays === undefined
        ? null
        : new OverlayFolder({ folder: resolve(overlays), classes, minScore, model }),
    reports:
      reports === undefined
        ? null
        : new ReportFolder({
            ...{ folder: resolve(reports), model: named, minScore, reportClass, codes },
            presentationStates: gsps,
          }),
  };
}

function noFilm(setAside: readonly SetAside[], { data, split }: PredictOptions): FederationError {
  const [first] = setAside;
  if (first === undefined) {
    return new FederationError('NO_USABLE_FILMS', `${data ?? ''} has no films in its ${split} split.`);
  }
  const others = setAside.length > 1 ? ` So are ${setAside.length - 1} others.` : '';
  return new FederationError('FILM_UNREADABLE', `${first.reason}${others}`);
}
