import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { selectBackend } from '../../backend/select-backend.js';
import type { SetAside } from '../../data/film-cache.js';
import { loadFilmSet, type LoadedFilmSet } from '../../data/film-set.js';
import { inspectFilm } from '../../data/inspection/inspect-film.js';
import { loadNamedFilms } from '../../data/named-films.js';
import type { QuarterTurns } from '../../data/quarter-turn.js';
import { DETECTION_DEFAULTS, examine } from '../../evaluation/detect.js';
import { readModelFile, type ReleasedModel } from '../../evaluation/model-file.js';
import { Oxnet } from '../../model/oxnet.js';
import { readFindingsSettings, type FindingsSettings } from '../../reports/delivery/findings-settings.js';
import { openDestination } from '../../reports/delivery/send-reports.js';
import { ReportFolder } from '../../reports/dicom/report-folder.js';
import { filmImage } from '../../reports/film-image.js';
import { withProgressBar, type OnProgress } from '../long-work.js';
import type { ModelOptions } from '../model-options.js';
import { OverlayFolder } from '../overlay-folder.js';
import {
  filmDocument,
  filmLine,
  reportFiles,
  summaryLine,
  unreportedLine,
  writeCocoResults,
  type SeenFilm,
} from '../prediction-report.js';
import { withCacheFolder } from '../scratch-cache.js';
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
  /** Where the site's settings of findings are. */
  readonly home?: string;
  readonly minScore: number;
}

/** Named films decoded and looked at together: memory does not grow with their number. */
const FILES_AT_ONCE = 32;

/** Longer side that a film is inspected at. */
const INSPECTED_SIDE = 1000;

/** Films of a catalogue or a few named ones. */
interface FilmsToSee {
  readonly set: LoadedFilmSet;
  /** What the pictures of the records are read from. */
  readonly paths: readonly string[];
  /** Films of this and all other sets together. */
  readonly total: number;
}

/** What is written of each film as soon as it is seen. */
interface Outputs {
  readonly overlays: OverlayFolder | null;
  readonly reports: ReportFolder | null;
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
  const path = resolve(options.model);
  const released = await readModelFile(path);
  const settings = await readFindingsSettings(options.home);
  const outputs = openOutputs(options, released, settings);
  const destination = options.send === true ? await openDestination(settings, options.home ?? null) : null;
  const { threads } = options;
  await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const { films, setAside } = await withProgressBar('films', (onProgress) =>
    seeFilms(files, options, released, outputs, onProgress),
  );
  if (films.length === 0) throw noFilm(setAside, options);
  const { classes, metadata } = released;
  const { out, overlays, reports } = options;
  const written = {
    ...(out !== undefined && (await writeCocoResults(out, films, classes))),
    ...(overlays !== undefined && { overlays: resolve(overlays) }),
    ...(reports !== undefined && { reports: resolve(reports) }),
  };
  const sent = destination === null ? null : await deliver(destination, films.flatMap(reportFiles));
  const document = {
    model: path,
    ...{ study: metadata['study'] ?? null, release: metadata['release'] ?? null },
    ...{ classes, minScore: options.minScore, ...written },
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

function openOutputs(
  { overlays, reports, gsps = false, minScore }: PredictOptions,
  { classes, metadata: { study, release }, sha256 }: ReleasedModel,
  { reportClass, codes }: FindingsSettings,
): Outputs {
  const model = study === undefined ? '' : `${study} release ${release ?? '?'}`;
  const named = {
    name: study === undefined ? 'OXnet' : `OXnet of ${study}`,
    version: release === undefined ? 'unreleased' : `release ${release}`,
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

async function seeFilms(
  files: readonly string[],
  options: PredictOptions,
  released: ReleasedModel,
  { overlays, reports }: Outputs,
  onProgress: OnProgress,
): Promise<{ films: SeenFilm[]; setAside: SetAside[] }> {
  const { plan, classes, weights } = released;
  const detection = { ...DETECTION_DEFAULTS, scoreFloor: options.minScore };
  const films: SeenFilm[] = [];
  const setAside: SetAside[] = [];
  const model = new Oxnet(plan, classes.length, weights);
  try {
    await withCacheFolder(options.cache, async (cacheFolder) => {
      for await (const { set, paths, total } of filmsToSee(files, options, released, cacheFolder)) {
        const before = films.length + setAside.length;
        setAside.push(...set.setAside);
        // Drawing takes longer than looking: where there is something to draw, it is what the bar shows.
        const drawing = overlays !== null;
        const findings = await examine(model, set, {
          classes,
          options: detection,
          ...(!drawing && { onProgress: (done) => onProgress(before + done, total) }),
        });
        for (const [i, record] of set.records.entries()) {
          const path = paths[i]!;
          const { doubts, remarks } =
            files.length > 0 ? await lookAt(path, set.films[i]!.turns ?? 0) : NOTHING_TO_SAY;
          const film: SeenFilm = { record, findings: findings[i]!, remarks };
          films.push({
            ...film,
            ...(overlays !== null && { overlay: await overlays.add(film, path) }),
            ...(reports !== null && {
              reported: await reports.add(path, film.findings.detections, doubts),
            }),
          });
          if (drawing) onProgress(films.length + setAside.length, total);
        }
      }
    });
  } finally {
    model.dispose();
  }
  return { films, setAside };
}

async function* filmsToSee(
  files: readonly string[],
  { data, split }: PredictOptions,
  { plan: { size }, classes }: ReleasedModel,
  cacheFolder: string,
): AsyncGenerator<FilmsToSee> {
  if (data !== undefined) {
    const catalogueFolder = resolve(data);
    const set = await loadFilmSet({ catalogueFolder, split, classes, size, cacheFolder });
    try {
      const paths = set.records.map(({ file }) => resolve(catalogueFolder, file));
      yield { set, paths, total: set.records.length + set.setAside.length };
    } finally {
      set.close();
    }
    return;
  }
  const named = [...new Set(files)];
  for (let first = 0; first < named.length; first += FILES_AT_ONCE) {
    const set = await loadNamedFilms(named.slice(first, first + FILES_AT_ONCE), classes, size);
    yield { set, paths: set.records.map(({ file }) => file), total: named.length };
  }
}

/** What a person should know of a film; `doubts` speak against its being an upright frontal chest. */
interface Look {
  readonly doubts: readonly string[];
  readonly remarks: readonly string[];
}

/** Films of a catalogue were inspected when they were imported. */
const NOTHING_TO_SAY: Look = { doubts: [], remarks: [] };

/** Of any other file it is not sure that it is a chest. @param turns by which it was set upright for the model */
async function lookAt(path: string, turns: QuarterTurns): Promise<Look> {
  const plane = await filmImage(path, (longer) => Math.min(1, INSPECTED_SIDE / longer));
  const doubts = inspectFilm(plane)
    .filter(({ reason }) => reason !== 'burned-in-text') // nothing leaves the site here
    .filter(({ reason }) => turns === 0 || reason !== 'turned')
    .map(({ detail }) => detail.replace(/\.$/, ''));
  const how = turns === 2 ? 'upside down' : 'sideways';
  const turned = turns === 0 ? [] : [`The film lies ${how}: it was turned upright for the model`];
  return { doubts, remarks: [...turned, ...doubts] };
}

function noFilm(setAside: readonly SetAside[], { data, split }: PredictOptions): FederationError {
  const [first] = setAside;
  if (first === undefined) {
    return new FederationError('NO_USABLE_FILMS', `${data ?? ''} has no films in its ${split} split.`);
  }
  const others = setAside.length > 1 ? ` So are ${setAside.length - 1} others.` : '';
  return new FederationError('FILM_UNREADABLE', `${first.reason}${others}`);
}
