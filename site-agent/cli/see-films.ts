import { resolve } from 'node:path';
import type { SetAside } from '../data/film-cache.js';
import { FilmRegister } from '../data/door/film-register.js';
import { originalFilm } from '../data/door/original-film.js';
import { loadFilmSet, type LoadedFilmSet } from '../data/film-set.js';
import type { FilmRecord } from '../data/film.js';
import { inspectFilm } from '../data/inspection/inspect-film.js';
import { loadNamedFilms } from '../data/named-films.js';
import type { QuarterTurns } from '../data/quarter-turn.js';
import { DETECTION_DEFAULTS, examine } from '../evaluation/detect.js';
import type { ReleasedModel } from '../evaluation/model-file.js';
import { Oxnet } from '../model/oxnet.js';
import type { FilmToReport, ReportFolder } from '../reports/dicom/report-folder.js';
import { filmImage } from '../reports/film-image.js';
import type { OnProgress } from './long-work.js';
import type { OverlayFolder } from './overlay-folder.js';
import type { SeenFilm } from './prediction-report.js';
import { withCacheFolder } from './scratch-cache.js';

export interface SeeFilmsOptions {
  /** Named films; none when `data` is given. */
  readonly files: readonly string[];
  readonly data: string | undefined;
  readonly split: FilmRecord['split'];
  readonly cache: string | undefined;
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
export interface FilmOutputs {
  readonly overlays: OverlayFolder | null;
  readonly reports: ReportFolder | null;
}

/** Runs the model over named films or those of a catalogue, and writes what is written film by film. */
export async function seeFilms(
  options: SeeFilmsOptions,
  released: ReleasedModel,
  { overlays, reports }: FilmOutputs,
  onProgress: OnProgress,
): Promise<{ films: SeenFilm[]; setAside: SetAside[] }> {
  const { plan, classes, weights } = released;
  const detection = { ...DETECTION_DEFAULTS, scoreFloor: options.minScore };
  const films: SeenFilm[] = [];
  const setAside: SetAside[] = [];
  const { data } = options;
  const register =
    data === undefined || reports === null ? null : await FilmRegister.open(resolve(data), true);
  const model = new Oxnet(plan, classes.length, weights);
  try {
    await withCacheFolder(options.cache, async (cacheFolder) => {
      for await (const { set, paths, total } of filmsToSee(options, released, cacheFolder)) {
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
            options.files.length > 0 ? await lookAt(path, set.films[i]!.turns ?? 0) : NOTHING_TO_SAY;
          const film: SeenFilm = { record, findings: findings[i]!, remarks };
          films.push({
            ...film,
            ...(overlays !== null && { overlay: await overlays.add(film, path) }),
            ...(reports !== null && {
              reported: await reports.add(filmToReport(film, path, doubts, register)),
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

/** A film that came through the door is reported where the hospital keeps it: in the pixels of the file it came from. */
function filmToReport(
  { record, findings: { detections } }: SeenFilm,
  path: string,
  doubts: readonly string[],
  register: FilmRegister | null,
): FilmToReport {
  const entry = register?.find(record.id) ?? null;
  const original = entry === null ? null : originalFilm(entry);
  if (original === null) return { path, detections, doubts };
  const { scaleX, scaleY, sopInstance } = original;
  const enlarged = detections.map((detection) => ({
    ...detection,
    ...{ x: detection.x * scaleX, width: detection.width * scaleX },
    ...{ y: detection.y * scaleY, height: detection.height * scaleY },
  }));
  return { path: original.path, detections: enlarged, doubts: null, sopInstance };
}

async function* filmsToSee(
  { files, data, split }: SeeFilmsOptions,
  { plan: { size }, classes, labels }: ReleasedModel,
  cacheFolder: string,
): AsyncGenerator<FilmsToSee> {
  if (data !== undefined) {
    const catalogueFolder = resolve(data);
    const set = await loadFilmSet({ catalogueFolder, split, classes, labels, size, cacheFolder });
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
