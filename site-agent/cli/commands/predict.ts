import { basename, extname, join, resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend } from '../../backend/select-backend.js';
import type { PictureSource } from '../../data/decode-film.js';
import type { SetAside } from '../../data/film-cache.js';
import { loadFilmSet, type LoadedFilmSet } from '../../data/film-set.js';
import { inspectFilm } from '../../data/inspection/inspect-film.js';
import { loadNamedFilms } from '../../data/named-films.js';
import { DETECTION_DEFAULTS, examine } from '../../evaluation/detect.js';
import { readModelFile, type ReleasedModel } from '../../evaluation/model-file.js';
import { Oxnet } from '../../model/oxnet.js';
import { filmImage } from '../../reports/film-image.js';
import { filmOverlay } from '../../reports/film-overlay.js';
import { withProgressBar, type OnProgress } from '../long-work.js';
import type { ModelOptions } from '../model-options.js';
import {
  filmDocument,
  filmLine,
  summaryLine,
  writeCocoResults,
  type SeenFilm,
} from '../prediction-report.js';
import { withCacheFolder } from '../scratch-cache.js';
import type { Outcome } from '../terminal.js';

export interface PredictOptions extends Omit<ModelOptions, 'data'> {
  /** Folder of a catalogue, when no files are named. */
  readonly data?: string;
  /** COCO results file to write; the images its ids mean stand beside it. */
  readonly out?: string;
  /** Folder for one PNG per film with what was found on it. */
  readonly overlays?: string;
  readonly minScore: number;
}

/** Named films decoded and looked at together: memory does not grow with their number. */
const FILES_AT_ONCE = 32;

/** Longer side that a film is inspected at. */
const INSPECTED_SIDE = 1000;

/** Films of a catalogue or a few named ones, with what their pictures are read from. */
interface FilmsToSee {
  readonly set: LoadedFilmSet;
  readonly pictures: readonly PictureSource[];
  /** Films of this and all other sets together. */
  readonly total: number;
}

/** Says what a model sees on films: class, score, and box in pixels of the film. Nothing is written before all are seen but overlays. */
export async function predict(files: readonly string[], options: PredictOptions): Promise<Outcome> {
  if (files.length > 0 === (options.data !== undefined))
    throw new FederationError('USAGE', 'Name films, or their catalogue with --data, not both.');
  const path = resolve(options.model);
  const released = await readModelFile(path);
  const { threads } = options;
  await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const { films, setAside } = await withProgressBar('films', (onProgress) =>
    seeFilms(files, options, released, onProgress),
  );
  if (films.length === 0) throw noFilm(setAside, options);
  const { classes, metadata } = released;
  const { out, overlays } = options;
  const written = {
    ...(out !== undefined && (await writeCocoResults(out, films, classes))),
    ...(overlays !== undefined && { overlays: resolve(overlays) }),
  };
  const document = {
    model: path,
    ...{ study: metadata['study'] ?? null, release: metadata['release'] ?? null },
    ...{ classes, minScore: options.minScore, ...written },
    films: films.map((film) => filmDocument(film, classes)),
    setAside,
  };
  const lines = [
    ...(files.length > 0 ? films.map(filmLine) : []),
    ...setAside.map(({ id, reason }) => `${id} is set aside: ${reason}`),
    summaryLine(films, Object.values(written)),
  ];
  return { document, text: lines.join('\n') };
}

async function seeFilms(
  files: readonly string[],
  options: PredictOptions,
  released: ReleasedModel,
  onProgress: OnProgress,
): Promise<{ films: SeenFilm[]; setAside: SetAside[] }> {
  const { plan, classes, weights } = released;
  const detection = { ...DETECTION_DEFAULTS, scoreFloor: options.minScore };
  const names = new Set<string>();
  const films: SeenFilm[] = [];
  const setAside: SetAside[] = [];
  const model = new Oxnet(plan, classes.length, weights);
  try {
    await withCacheFolder(options.cache, async (cacheFolder) => {
      for await (const { set, pictures, total } of filmsToSee(files, options, released, cacheFolder)) {
        const before = films.length + setAside.length;
        setAside.push(...set.setAside);
        // Drawing takes longer than looking: where there is something to draw, it is what the bar shows.
        const drawing = options.overlays !== undefined;
        const findings = await examine(model, set, {
          classes,
          options: detection,
          ...(!drawing && { onProgress: (done) => onProgress(before + done, total) }),
        });
        for (const [i, record] of set.records.entries()) {
          const remarks = files.length > 0 ? await remarksOn(pictures[i]!) : [];
          const film: SeenFilm = { record, findings: findings[i]!, remarks };
          const overlay = await drawOverlay(film, pictures[i]!, options, released, names);
          films.push(overlay === null ? film : { ...film, overlay });
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
      const pictures = set.records.map(({ file }) => resolve(catalogueFolder, file));
      yield { set, pictures, total: set.records.length + set.setAside.length };
    } finally {
      set.close();
    }
    return;
  }
  const paths = [...new Set(files)];
  for (let first = 0; first < paths.length; first += FILES_AT_ONCE) {
    const set = await loadNamedFilms(paths.slice(first, first + FILES_AT_ONCE), classes, size);
    yield { set, pictures: set.pictures, total: paths.length };
  }
}

/** Films of a catalogue were inspected when they were imported; of any other file it is not sure that it is a chest. */
async function remarksOn(source: PictureSource): Promise<string[]> {
  const plane = await filmImage(source, (longer) => Math.min(1, INSPECTED_SIDE / longer));
  return inspectFilm(plane)
    .filter(({ reason }) => reason !== 'burned-in-text') // nothing leaves the site here
    .map(({ detail }) => detail.replace(/\.$/, ''));
}

/** @param names of overlays drawn so far; films of one name in different folders get numbers */
async function drawOverlay(
  { record, findings: { detections }, remarks }: SeenFilm,
  source: PictureSource,
  { overlays, minScore }: PredictOptions,
  { classes, metadata }: ReleasedModel,
  names: Set<string>,
): Promise<string | null> {
  if (overlays === undefined) return null;
  const stem = basename(record.file, extname(record.file));
  let name = `${stem}.png`;
  for (let number = 2; names.has(name); number++) name = `${stem}-${number}.png`;
  names.add(name);
  const { study, release } = metadata;
  const model = study === undefined ? '' : `${study} release ${release ?? '?'} · `;
  const found = detections.length === 0 ? 'nothing found' : `${detections.length} found`;
  const png = await filmOverlay({
    ...{ source, width: record.width, height: record.height, detections, classes },
    title: basename(record.file),
    note: `${remarks.map((remark) => `${remark} · `).join('')}${model}${found} above ${minScore} · research software, not for diagnosis`,
  });
  const path = join(resolve(overlays), name);
  await writeFileAtomic(path, png);
  return path;
}

function noFilm(setAside: readonly SetAside[], { data, split }: PredictOptions): FederationError {
  const [first] = setAside;
  if (first === undefined) {
    return new FederationError('NO_USABLE_FILMS', `${data ?? ''} has no films in its ${split} split.`);
  }
  const others = setAside.length > 1 ? ` So are ${setAside.length - 1} others.` : '';
  return new FederationError('FILM_UNREADABLE', `${first.reason}${others}`);
}
