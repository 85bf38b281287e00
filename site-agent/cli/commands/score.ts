import { resolve } from 'node:path';
import { readCocoResults, readCocoTruth } from '../../evaluation/coco-file.js';
import { scoreCoco, type CocoFigures } from '../../evaluation/coco-score.js';
import { plainIou } from '../../evaluation/iou-thresholds.js';
import { FigureTable } from '../figure-table.js';
import type { Outcome } from '../terminal.js';

export interface ScoreOptions {
  /** COCO annotation file. */
  readonly truth: string;
  /** COCO results file. */
  readonly predictions: string;
  readonly iou: readonly number[];
  readonly maxDetections: number;
}

const COLUMNS = ['ap', 'ap40', 'ap50', 'ap75', 'ar100'] as const satisfies readonly (keyof CocoFigures)[];

/** Scores any detector's boxes as pycocotools does. Needs no model and no films. */
export async function score(options: ScoreOptions): Promise<Outcome> {
  const [truth, predictions] = [resolve(options.truth), resolve(options.predictions)];
  const truthSet = await readCocoTruth(truth);
  const results = await readCocoResults(predictions, truthSet);
  const figures = scoreCoco(truthSet, results, { ious: options.iou, perImage: options.maxDetections });
  const { perClass } = figures;
  const document = {
    truth,
    predictions,
    images: truthSet.images.length,
    ious: options.iou.map(plainIou),
    maxDetections: options.maxDetections,
    ...figures,
  };
  const table = new FigureTable(perClass.map(({ name }) => name));
  const count = (which: 'truths' | 'predictions') => perClass.reduce((sum, entry) => sum + entry[which], 0);
  const row = (name: string, from: CocoFigures, truths: number, found: number) =>
    table.row(
      name,
      COLUMNS.map((column) => from[column]),
    ) + [truths, found].map((counted) => String(counted).padStart(13)).join('');
  const [first = NaN, last = NaN] = [options.iou[0], options.iou.at(-1)].map((iou) => iou?.toFixed(2));
  const lines = [
    `${truthSet.images.length} images; AP and AR over IoU ${first} to ${last} (${options.iou.length} thresholds), at most ${options.maxDetections} detections of a class on an image`,
    `${table.head(['AP', 'AP40', 'AP50', 'AP75', 'AR'])}   true boxes  predictions`,
    ...perClass.map((entry) => row(entry.name, entry, entry.truths, entry.predictions)),
    row('all', figures, count('truths'), count('predictions')),
    '',
    `${table.head(['small', 'medium', 'large', '1', '10', '100'])} detections per image`,
    table.row(
      'all: AP, AR',
      (['apSmall', 'apMedium', 'apLarge', 'ar1', 'ar10', 'ar100'] as const).map((figure) => figures[figure]),
    ),
  ];
  return { document, text: lines.join('\n') };
}
