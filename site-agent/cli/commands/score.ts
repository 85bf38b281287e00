import { resolve } from 'node:path';
import { readCocoResults, readCocoTruth } from '../../evaluation/coco-file.js';
import { scoreCoco, type CocoFigures } from '../../evaluation/coco-score.js';
import { plainIou } from '../../evaluation/iou-thresholds.js';
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
  const width = Math.max(12, ...perClass.map(({ name }) => name.length)) + 2;
  const count = (which: 'truths' | 'predictions') => perClass.reduce((sum, entry) => sum + entry[which], 0);
  const cell = (value: number | null) => (value?.toFixed(3) ?? '–').padStart(8);
  const row = (name: string, from: CocoFigures, truths: number, found: number) =>
    name.padEnd(width) +
    COLUMNS.map((column) => cell(from[column])).join('') +
    [truths, found].map((counted) => String(counted).padStart(12)).join('');
  const [first = NaN, last = NaN] = [options.iou[0], options.iou.at(-1)].map((iou) => iou?.toFixed(2));
  const lines = [
    `${truthSet.images.length} images; AP and AR over IoU ${first} to ${last} (${options.iou.length} thresholds), at most ${options.maxDetections} detections of a class on an image`,
    ''.padEnd(width) + '      AP    AP40    AP50    AP75      AR  true boxes predictions',
    ...perClass.map((entry) => row(entry.name, entry, entry.truths, entry.predictions)),
    row('mean', figures, count('truths'), count('predictions')),
    '',
    ''.padEnd(width) + '   small  medium   large        1      10     100 detections per image',
    'mean AP, AR'.padEnd(width) +
      [figures.apSmall, figures.apMedium, figures.apLarge].map(cell).join('') +
      ' ' +
      [figures.ar1, figures.ar10, figures.ar100].map(cell).join(''),
  ];
  return { document, text: lines.join('\n') };
}
