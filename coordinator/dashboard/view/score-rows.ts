import type { ClassScores, CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import { WITHHELD } from './census-rows.js';
import { formatPrecision } from './format.js';
import { formatCount, NOT_KNOWN } from './page/numbers.js';

/** What of the scores the matrix can show. */
export type ScoreMeasure = keyof typeof SCORE_MEASURES;
export const SCORE_MEASURES = {
  ap40: 'AP40',
  ap50: 'AP50',
  ap75: 'AP75',
  ap: 'AP',
  froc: 'FROC',
  globalAuc: 'AUC, global head',
  localAuc: 'AUC, boxes',
} as const satisfies Partial<Record<keyof ClassScores, string>>;

/** One cell of the matrix: a figure, what it rests on, and how high it is in words of colour. */
export interface ScoreCell {
  readonly value: string;
  readonly note: string;
  /** 0 … 5, the higher the better; null without a figure. The number beside it says the same. */
  readonly heat: number | null;
}

export interface ScoreRow {
  readonly class: string;
  /** In the order of the sites, then all sites together. */
  readonly cells: readonly ScoreCell[];
}

const isAuc = (measure: ScoreMeasure): boolean => measure === 'globalAuc' || measure === 'localAuc';

/** A row per class, and the mean of the consortium's figures. */
export function scoreRows({ sites, pooled }: CrossSite, measure: ScoreMeasure): ScoreRow[] {
  const rows = pooled.map((total, index): ScoreRow => {
    const cells = sites.map(({ classes }) => scoreCell(classes?.[index], measure));
    return { class: total.class, cells: [...cells, scoreCell(total, measure)] };
  });
  const known = pooled.flatMap((scores) => scores[measure] ?? []);
  const mean = known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  const total: ScoreCell = { value: formatPrecision(mean), note: '', heat: heatOf(mean, measure) };
  const none: ScoreCell = { value: '', note: '', heat: null };
  return [...rows, { class: 'Mean', cells: [...sites.map(() => none), total] }];
}

function scoreCell(scores: ClassScores | undefined, measure: ScoreMeasure): ScoreCell {
  if (scores === undefined) return { value: NOT_KNOWN, note: 'no report', heat: null };
  const value = scores[measure];
  const count = isAuc(measure) ? scores.positives : scores.truths;
  if (count === null) return { value: WITHHELD, note: 'withheld', heat: null };
  const note = isAuc(measure) ? filmsNote(count, scores.negatives ?? 0) : boxesNote(count);
  return { value: formatPrecision(value), note, heat: heatOf(value, measure) };
}

function boxesNote(truths: number): string {
  return truths === 0 ? 'no boxes' : `${formatCount(truths)} ${truths === 1 ? 'box' : 'boxes'}`;
}

function filmsNote(positives: number, negatives: number): string {
  const films = positives + negatives;
  return films === 0 ? 'no films' : `${formatCount(positives)} of ${formatCount(films)} films`;
}

/** An AUC of ½ is as good as chance, as an AP of 0. */
function heatOf(value: number | null, measure: ScoreMeasure): number | null {
  if (value === null) return null;
  const share = isAuc(measure) ? 2 * value - 1 : value;
  return Math.min(5, Math.max(0, Math.floor(6 * share)));
}

/** What the reader should know of the matrix. */
export function scoresLegend({ round, suppressBelow }: CrossSite, measure: ScoreMeasure): string {
  const which = `Release ${round} on each site’s held-out films; 1 is perfect.`;
  const of: Record<ScoreMeasure, string> = {
    ap40: 'Average precision at IoU .40, with the true boxes behind it.',
    ap50: 'Average precision at IoU .50, with the true boxes behind it.',
    ap75: 'Average precision at IoU .75, with the true boxes behind it.',
    ap: 'Average precision over IoU .40 to .75, with the true boxes behind it.',
    froc: 'Sensitivity, mean of 1/8 to 8 false positives per film, with the true boxes behind it.',
    globalAuc: 'How well the global head tells films with the class from films without; ½ is chance.',
    localAuc: 'How well the strongest box tells films with the class from films without; ½ is chance.',
  };
  const hidden =
    suppressBelow === 1
      ? ''
      : ` ${WITHHELD} stands for what a site withholds because it rests on fewer than ${suppressBelow} patients, or would give such a count away.`;
  return `${which} ${of[measure]}${hidden}`;
}
