import { basename, extname, join, resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend } from '../../backend/select-backend.js';
import type { PictureSource } from '../../data/decode-film.js';
import type { SetAside } from '../../data/film-cache.js';
import { loadFilmSet, type LoadedFilmSet } from '../../data/film-set.js';
import type { FilmRecord } from '../../data/film.js';
import { loadNamedFilms } from '../../data/named-films.js';
import { cocoResults, cocoTruth } from '../../evaluation/coco.js';
import { DETECTION_DEFAULTS, examine, type FilmFindings } from '../../evaluation/detect.js';
import { readModelFile, type ReleasedModel } from '../../evaluation/model-file.js';
import { Oxnet } from '../../model/oxnet.js';
import { filmOverlay } from '../../reports/film-overlay.js';
import { withProgressBar, type OnProgress } from '../long-work.js';
import type { ModelOptions } from '../model-options.js';
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

/** A film the model has seen. */
interface SeenFilm {
  readonly record: FilmRecord;
  readonly findings: FilmFindings;
  /** File of its overlay, where one was drawn. */
  readonly overlay?: string;
}

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
  const written = await writeResults(options, films, classes);
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
    summaryLine(films, written),
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
        const findings = await examine(model, set, {
          classes,
          options: detection,
          onProgress: (done) => onProgress(before + done, total),
        });
        for (const [i, record] of set.records.entries()) {
          const film = { record, findings: findings[i]! };
          const overlay = await drawOverlay(film, pictures[i]!, options, released, names);
          films.push(overlay === null ? film : { ...film, overlay });
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

/** @param names of overlays drawn so far; films of one name in different folders get numbers */
async function drawOverlay(
  { record, findings: { detections } }: SeenFilm,
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
    note: `${model}${found} above ${minScore} · research software, not for diagnosis`,
  });
  const path = join(resolve(overlays), name);
  await writeFileAtomic(path, png);
  return path;
}

async function writeResults(
  { out, overlays }: PredictOptions,
  films: readonly SeenFilm[],
  classes: readonly string[],
): Promise<{ out?: string; images?: string; overlays?: string }> {
  const drawn = overlays === undefined ? {} : { overlays: resolve(overlays) };
  if (out === undefined) return drawn;
  const results = resolve(out);
  const images = join(results, '..', `${basename(results, extname(results))}.images.json`);
  const records = films.map(({ record }) => record);
  const detections = films.flatMap(({ findings }) => findings.detections);
  const unread = records.map((record) => ({ ...record, boxes: [] }));
  await writeFileAtomic(images, `${JSON.stringify(cocoTruth(unread, classes))}\n`);
  await writeFileAtomic(results, `${JSON.stringify(cocoResults(records, classes, detections))}\n`);
  return { out: results, images, ...drawn };
}

function filmDocument({ record, findings, overlay }: SeenFilm, classes: readonly string[]) {
  const { id, file, width, height } = record;
  return {
    ...{ id, file, width, height },
    /** Of each class in the film as a whole, by the global branch. */
    present: Object.fromEntries(classes.map((name, k) => [name, findings.global[k]])),
    detections: findings.detections.map(({ film: _, ...detection }) => detection),
    ...(overlay !== undefined && { overlay }),
  };
}

function filmLine({ record, findings: { detections } }: SeenFilm): string {
  const found = detections.map(({ class: name, score, x, y, width, height }) => {
    const [left, top, wide, high] = [x, y, width, height].map(Math.round);
    return `${name} ${score.toFixed(2)} at ${left},${top} ${wide}×${high}`;
  });
  return `${record.id}: ${found.length > 0 ? found.join('; ') : 'nothing'}`;
}

function summaryLine(
  films: readonly SeenFilm[],
  { out, overlays }: { readonly out?: string; readonly overlays?: string },
): string {
  const count = films.reduce((sum, { findings }) => sum + findings.detections.length, 0);
  const places = [out, overlays].filter((place) => place !== undefined);
  const where = places.length > 0 ? ` (${places.join(', ')})` : '';
  return `${count} ${count === 1 ? 'detection' : 'detections'} on ${films.length} ${films.length === 1 ? 'film' : 'films'}${where}`;
}

function noFilm(setAside: readonly SetAside[], { data, split }: PredictOptions): FederationError {
  const [first] = setAside;
  if (first === undefined) {
    return new FederationError('NO_USABLE_FILMS', `${data ?? ''} has no films in its ${split} split.`);
  }
  const others = setAside.length > 1 ? ` So are ${setAside.length - 1} others.` : '';
  return new FederationError('FILM_UNREADABLE', `${first.reason}${others}`);
}
