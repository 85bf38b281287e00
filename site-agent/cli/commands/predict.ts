import { resolve } from 'node:path';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend } from '../../backend/select-backend.js';
import { loadFilmSet } from '../../data/film-set.js';
import { detect } from '../../evaluation/detect.js';
import { readModelFile } from '../../evaluation/model-file.js';
import { Oxnet } from '../../model/oxnet.js';
import { withProgressBar } from '../long-work.js';
import type { ModelOptions } from '../model-options.js';
import { withCacheFolder } from '../scratch-cache.js';
import type { Outcome } from '../terminal.js';

export interface PredictOptions extends ModelOptions {
  /** JSON file to write. */
  readonly out: string;
  readonly minScore: number;
}

/** Writes what a model sees on each film of a split: class, score, and box in pixels of the film. */
export async function predict(options: PredictOptions): Promise<Outcome> {
  const { split, minScore, threads } = options;
  const [path, data, out] = [resolve(options.model), resolve(options.data), resolve(options.out)];
  const { plan, classes, weights, metadata } = await readModelFile(path);
  await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const { set, detections } = await withCacheFolder(options.cache, async (cacheFolder) => {
    const set = await loadFilmSet({ catalogueFolder: data, split, classes, size: plan.size, cacheFolder });
    const model = new Oxnet(plan, classes.length, weights);
    try {
      const work = (onProgress: (done: number, total: number) => void) =>
        detect(model, set, { classes, onProgress });
      return { set, detections: await withProgressBar('films', work) };
    } finally {
      model.dispose();
    }
  });
  const kept = detections.filter(({ score }) => score >= minScore);
  const films = set.records.map(({ id, file }) => ({
    film: id,
    file,
    detections: kept
      .filter((detection) => detection.film === id)
      .map(({ class: name, score, x, y, width, height }) => ({ class: name, score, x, y, width, height })),
  }));
  const written = { model: path, release: metadata['release'] ?? null, classes, minScore, films };
  await writeFileAtomic(out, `${JSON.stringify(written, null, 1)}\n`);
  const { setAside } = set;
  const summary = { out, films: films.length, detections: kept.length, setAside };
  return { document: summary, text: `${out}: ${kept.length} detections on ${films.length} films` };
}
