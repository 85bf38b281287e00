import { FROC_RATES } from '@fedoxnet/shared/evaluation/froc-from-counts';
import { meanOfKnown } from '@fedoxnet/shared/evaluation/mean-of-known';
import { HIT, MISS } from './match-boxes.js';
import type { Ranking } from './ranking.js';

/** One score from which on detections are shown. */
export interface OperatingPoint {
  readonly score: number;
  readonly falsePositivesPerFilm: number;
  readonly sensitivity: number;
}

/** How many lesions are found at the price of how many false marks. */
export interface Froc {
  readonly films: number;
  readonly truths: number;
  /** Sensitivity at each of FROC_RATES; null where there is no lesion to find, as is the mean. */
  readonly sensitivities: readonly (number | null)[];
  /** Over the rates: LUNA16's score, also known as competition performance metric. */
  readonly mean: number | null;
  /** Score falling, both other figures rising; one point for each distinct score. */
  readonly points: readonly OperatingPoint[];
}

/**
 * Free-response receiver operating characteristic (Bunch et al. 1977; Chakraborty 1989). A film shows every detection with
 * at least a score t. Sensitivity(t) = lesions found / lesions; false positives(t) = all other detections / films, those
 * on films without a lesion included. Equal scores are shown together. The sensitivity at a rate is the best of all t
 * with at most so many false positives per film, without interpolation: a threshold somebody could set.
 * Stricter than LUNA16 in two things: it interpolates between thresholds, and leaves out a second detection of a found
 * lesion, which here is a false positive, as in average precision.
 * @param ranking of one class, or of several merged; `iou` is the position of its threshold
 * @param films   that were read for the class, or for one of the classes, with or without lesions
 */
export function froc(ranking: Ranking, iou: number, films: number): Froc {
  const { truths } = ranking;
  const points = truths === 0 || films === 0 ? [] : operatingPoints(ranking, iou, films);
  const sensitivities = FROC_RATES.map((rate) => {
    if (truths === 0) return null;
    return points.findLast((point) => point.falsePositivesPerFilm <= rate)?.sensitivity ?? 0;
  });
  return { films, truths, sensitivities, mean: meanOfKnown(sensitivities), points };
}

function operatingPoints(
  { scores, outcomes, truths }: Ranking,
  iou: number,
  films: number,
): OperatingPoint[] {
  const at = outcomes[iou] ?? new Uint8Array();
  const points: OperatingPoint[] = [];
  let hits = 0;
  let misses = 0;
  for (const [i, score] of scores.entries()) {
    if (at[i] === HIT) hits++;
    if (at[i] === MISS) misses++;
    if (scores[i + 1] === score) continue;
    points.push({ score, falsePositivesPerFilm: misses / films, sensitivity: hits / truths });
  }
  return points;
}
