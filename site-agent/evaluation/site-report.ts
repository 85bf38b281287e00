import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { withheldClasses } from '@fedoxnet/shared/evaluation/withhold-scores';
import { takeSplitCensus } from '@fedoxnet/shared/study/census';
import type { FilmRecord } from '../data/film.js';
import type { ImageScores } from './image-auc.js';
import { imageCounts } from './image-counts.js';
import { matchCounts } from './match-counts.js';
import type { ClassMatching } from './matching.js';

/**
 * What may leave the site of a model's scores: counts by class and score, without film, box or identifier, and nothing of
 * a class whose counts rest on films of few patients or give such counts away.
 * @param films         that were scored
 * @param findings      what both branches say of each, in the same order
 * @param suppressBelow 1 … suppressBelow − 1 patients are few; 1 sends everything
 */
export function siteReport(
  films: readonly FilmRecord[],
  findings: readonly ImageScores[],
  matches: readonly ClassMatching[],
  suppressBelow: number,
): EvaluationReport {
  const classes = matches.map((matching) => matching.class);
  const census = takeSplitCensus(films, classes, new Set(classes), suppressBelow);
  const { detections, images } = withheldClasses(census);
  return {
    films: census.films,
    classes: matchCounts(matches.filter((matching) => !detections.includes(matching.class))),
    images: imageCounts(films, findings, classes).filter((entry) => !images.includes(entry.class)),
    withheld: { suppressBelow, detections, images },
  };
}
