import { FROC_IOU } from '@fedoxnet/shared/evaluation/froc-from-counts';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { asRoundMetrics, type ClassPrecision } from '@fedoxnet/shared/evaluation/round-metrics';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import { suppressBelowOf } from '@fedoxnet/shared/study/evaluation-plan';
import { loadFilmSet, type LoadedFilmSet } from '../data/film-set.js';
import type { SetAside } from '../data/film-cache.js';
import type { FilmRecord } from '../data/film.js';
import { Oxnet } from '../model/oxnet.js';
import { refuseForeignClasses } from './class-agreement.js';
import { classPrecisions, precisionOver, type ChosenPrecision } from './class-precisions.js';
import { examine } from './detect.js';
import type { Detection } from './detection.js';
import { froc, type Froc } from './froc.js';
import { imageAuc, type ImageAuc } from './image-auc.js';
import { PAPER_IOUS } from './iou-thresholds.js';
import { matchDetections } from './matching.js';
import type { ReleasedModel } from './model-file.js';
import { mergeRankings } from './ranking.js';
import { siteReport } from './site-report.js';

export interface Evaluation {
  readonly films: number;
  /** AP@[.40:.75], AP40, AP50 and AP75 per class and averaged, as far as `ious` holds their thresholds. */
  readonly metrics: RoundMetrics;
  /** Average precision at every threshold asked for. */
  readonly classes: readonly ClassPrecision[];
  /** Each class, then all together with one score for all, on the films that are boxed for at least one. */
  readonly froc: { readonly iou: number; readonly perClass: readonly ClassFroc[]; readonly pooled: Froc };
  readonly auc: ImageAuc;
  /** What may leave the site. */
  readonly report: EvaluationReport;
  /** In pixels of the original films: stays at the site. */
  readonly detections: readonly Detection[];
}

export interface ClassFroc extends Froc {
  readonly class: string;
}

export interface EvaluateOptions {
  readonly classes: readonly string[];
  readonly ious?: readonly number[];
  /** The report keeps back what rests on films of fewer patients. */
  readonly suppressBelow?: number;
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Scores a model on films that are loaded already. A TensorFlow.js backend must be ready. */
export async function evaluate(
  model: Oxnet,
  set: LoadedFilmSet,
  { classes, ious = PAPER_IOUS, suppressBelow = suppressBelowOf({}), batch, onProgress }: EvaluateOptions,
): Promise<Evaluation> {
  const findings = await examine(model, set, {
    classes,
    ...(batch !== undefined && { batch }),
    ...(onProgress && { onProgress }),
  });
  const detections = findings.flatMap((film) => film.detections);
  const matches = matchDetections(set.records, detections, classes, ious);
  const precisions = classPrecisions(matches);
  return {
    films: set.films.length,
    metrics: asRoundMetrics(precisions),
    classes: precisions,
    froc: frocOf(set.records, detections, classes),
    auc: imageAuc(set.records, findings, classes),
    report: siteReport(set.records, findings, matches, suppressBelow),
    detections,
  };
}

function frocOf(
  films: readonly FilmRecord[],
  detections: readonly Detection[],
  classes: readonly string[],
): Evaluation['froc'] {
  const matches = matchDetections(films, detections, classes, [FROC_IOU]);
  const boxed = films.filter((film) => classes.some((name) => film.readings[name]?.supervision === 'box'));
  return {
    iou: FROC_IOU,
    perClass: matches.map((matching) => ({ class: matching.class, ...froc(matching, 0, matching.films) })),
    pooled: froc(mergeRankings(matches, 1), 0, boxed.length),
  };
}

export interface CatalogueOptions {
  /** Holds `catalogue.json`. */
  readonly catalogueFolder: string;
  readonly split: FilmRecord['split'];
  readonly cacheFolder: string;
  /** Thresholds to average over besides those of the paper. */
  readonly ious?: readonly number[];
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface CatalogueEvaluation extends Evaluation {
  readonly classNames: readonly string[];
  readonly records: readonly FilmRecord[];
  readonly setAside: readonly SetAside[];
  /** For `ious`; null when none were chosen. */
  readonly chosen: ChosenPrecision | null;
}

/**
 * From a released model and a catalogue to figures.
 * @throws {FederationError} as `refuseForeignClasses`, `readCatalogue` and `examine`
 */
export async function evaluateOnCatalogue(
  { path, plan, classes, labels, weights }: ReleasedModel,
  { catalogueFolder, split, cacheFolder, ious, batch, onProgress }: CatalogueOptions,
): Promise<CatalogueEvaluation> {
  await refuseForeignClasses(path, { classes, labels }, catalogueFolder);
  const set = await loadFilmSet({ catalogueFolder, split, classes, labels, size: plan.size, cacheFolder });
  const model = new Oxnet(plan, classes.length, weights);
  try {
    const evaluation = await evaluate(model, set, {
      classes,
      ...(batch !== undefined && { batch }),
      ...(onProgress && { onProgress }),
    });
    const { records, setAside } = set;
    const chosen =
      ious === undefined
        ? null
        : precisionOver(
            classPrecisions(matchDetections(records, evaluation.detections, classes, ious)),
            ious,
          );
    return { ...evaluation, classNames: classes, records, setAside, chosen };
  } finally {
    set.close();
    model.dispose();
  }
}
