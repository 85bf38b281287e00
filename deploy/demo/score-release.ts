import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { evaluateOnCatalogue } from '@fedoxnet/site-agent/evaluation/evaluate';
import { readModelFile } from '@fedoxnet/site-agent/evaluation/model-file';
import { chooseFilms } from '@fedoxnet/site-agent/reports/choose-films';
import { filmSheet } from '@fedoxnet/site-agent/reports/film-sheet';
import { z } from 'zod';

/**
 * A process of its own, started by `held-out-score.ts`: scores a released model on held-out films exactly, from single
 * detections, and prints one JSON document. Apart from the demo because TensorFlow blocks the process it runs in.
 */
const request = z.object({
  model: z.string(),
  /** Folder with the catalogue of held-out films. */
  heldOut: z.string(),
  cache: z.string(),
  backend: z.enum(['auto', 'gpu', 'cpu', 'wasm']),
  /** PNG to write with some of the films and what the model found on them; null for none. */
  sheet: z.string().nullable(),
});
export type ScoreRequest = z.infer<typeof request>;

const SHEET_FILMS = 12;
/** Weaker detections would hide the film. */
const SHEET_SCORE = 0.3;

const { model, heldOut, cache, backend, sheet } = request.parse(JSON.parse(process.argv[2] ?? ''));
await selectBackend(backend);
const evaluation = await evaluateOnCatalogue(await readModelFile(model), {
  catalogueFolder: heldOut,
  split: 'val',
  cacheFolder: cache,
});
if (sheet !== null) await writeSheet(sheet);
process.stdout.write(`${JSON.stringify({ films: evaluation.films, metrics: evaluation.metrics })}\n`);

async function writeSheet(path: string): Promise<void> {
  const { classNames, records, detections } = evaluation;
  const films = chooseFilms(records, classNames, SHEET_FILMS).map((film) => ({
    image: join(heldOut, film.file),
    width: film.width,
    height: film.height,
    caption: film.id,
    truths: film.boxes,
    detections: detections.filter(({ film: id, score }) => id === film.id && score >= SHEET_SCORE),
  }));
  const subtitle = `${basename(model)} on films it never saw; detections scored ${SHEET_SCORE} or more`;
  await writeFile(path, await filmSheet({ title: 'Held-out films', subtitle, classes: classNames, films }));
}
