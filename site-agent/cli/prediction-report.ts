import { basename, extname, join, resolve } from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.js';
import type { FilmRecord } from '../data/film.js';
import { cocoResults, cocoTruth } from '../evaluation/coco.js';
import type { FilmFindings } from '../evaluation/detect.js';
import type { Reported } from '../reports/dicom/report-folder.js';

/** A film the model has seen. */
export interface SeenFilm {
  readonly record: FilmRecord;
  readonly findings: FilmFindings;
  /** What makes the findings doubtful: the film may be no chest, turned, or a negative. */
  readonly remarks: readonly string[];
  /** File of its overlay, where one was drawn. */
  readonly overlay?: string;
  /** Its DICOM report, where one was asked for. */
  readonly reported?: Reported;
}

/**
 * Writes COCO results, and beside them `NAME.images.json`: the images, and the categories, that their ids mean.
 * @returns both paths
 */
export async function writeCocoResults(
  path: string,
  films: readonly SeenFilm[],
  classes: readonly string[],
): Promise<{ out: string; images: string }> {
  const results = resolve(path);
  const images = join(results, '..', `${basename(results, extname(results))}.images.json`);
  const records = films.map(({ record }) => record);
  const detections = films.flatMap(({ findings }) => findings.detections);
  const unread = records.map((record) => ({ ...record, boxes: [] }));
  await writeFileAtomic(images, `${JSON.stringify(cocoTruth(unread, classes))}\n`);
  await writeFileAtomic(results, `${JSON.stringify(cocoResults(records, classes, detections))}\n`);
  return { out: results, images };
}

/** A film for `--json`. */
export function filmDocument(
  { record, findings, remarks, overlay, reported }: SeenFilm,
  classes: readonly string[],
) {
  const { id, file, width, height } = record;
  return {
    ...{ id, file, width, height },
    /** Of each class in the film as a whole, by the global branch. */
    present: Object.fromEntries(classes.map((name, k) => [name, findings.global[k]])),
    detections: findings.detections.map(({ film: _, ...detection }) => detection),
    remarks,
    ...(overlay !== undefined && { overlay }),
    ...reported,
  };
}

/** A film for a person. */
export function filmLine({ record, findings: { detections }, remarks }: SeenFilm): string {
  const found = detections.map(({ class: name, score, x, y, width, height }) => {
    const [left, top, wide, high] = [x, y, width, height].map(Math.round);
    return `${name} ${score.toFixed(2)} at ${left},${top} ${wide}×${high}`;
  });
  return [`${record.id}: ${found.length > 0 ? found.join('; ') : 'nothing'}`, ...remarks].join('. ');
}

/** DICOM objects that were written of a film. */
export function reportFiles({ reported }: SeenFilm): string[] {
  if (reported === undefined || 'unreported' in reported) return [];
  return [reported.report, ...(reported.presentation === undefined ? [] : [reported.presentation])];
}

/** Why a film has no DICOM report although reports were asked for. */
export function unreportedLine({ record, reported }: SeenFilm): string[] {
  if (reported === undefined || !('unreported' in reported)) return [];
  return [`${record.id} has no report: ${reported.unreported}`];
}

/** @param places files and folders that were written */
export function summaryLine(films: readonly SeenFilm[], places: readonly string[]): string {
  const count = films.reduce((sum, { findings }) => sum + findings.detections.length, 0);
  const where = places.length > 0 ? ` (${places.join(', ')})` : '';
  return `${count} ${count === 1 ? 'detection' : 'detections'} on ${films.length} ${films.length === 1 ? 'film' : 'films'}${where}`;
}
