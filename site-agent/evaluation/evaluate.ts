import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import { loadFilmSet, type LoadedFilmSet } from '../data/film-set.js';
import type { SetAside } from '../data/film-cache.js';
import type { FilmRecord } from '../data/film.js';
import { Oxnet } from '../model/oxnet.js';
import { detect } from './detect.js';
import type { Detection } from './detection.js';
import { asRoundMetrics, exactClassMetrics, type ExactClassMetrics } from './exact-metrics.js';
import { matchReport } from './match-report.js';
import { matchDetections } from './matching.js';
import { readModelFile } from './model-file.js';

/** The thresholds of OXnet's averaged metric, AP@[.40:.75] in steps of .05. */
export const PAPER_IOUS: readonly number[] = [0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75];

export interface Evaluation {
  readonly films: number;
  readonly classes: readonly ExactClassMetrics[];
  /** AP@[.40:.75], AP40, AP50 and AP75 per class and averaged. */
  readonly metrics: RoundMetrics;
  /** What may leave the site. */
  readonly report: EvaluationReport;
  /** In pixels of the original films: stays at the site. */
  readonly detections: readonly Detection[];
}

export interface EvaluateOptions {
  readonly classes: readonly string[];
  readonly ious?: readonly number[];
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/** Scores a model on films that are loaded already. A TensorFlow.js backend must be ready. */
export async function evaluate(
  model: Oxnet,
  set: LoadedFilmSet,
  { classes, ious = PAPER_IOUS, batch, onProgress }: EvaluateOptions,
): Promise<Evaluation> {
  const detections = await detect(model, set, {
    classes,
    ...(batch !== undefined && { batch }),
    ...(onProgress && { onProgress }),
  });
  const matches = matchDetections(set.records, detections, classes, ious);
  const exact = exactClassMetrics(matches);
  return {
    films: set.films.length,
    classes: exact,
    metrics: asRoundMetrics(exact),
    report: matchReport(set.films.length, matches),
    detections,
  };
}

export interface EvaluateFileOptions {
  /** A released model: safetensors whose metadata holds its plan and classes. */
  readonly model: string;
  /** Holds `catalogue.json`. */
  readonly catalogueFolder: string;
  readonly split: FilmRecord['split'];
  readonly cacheFolder: string;
  readonly ious?: readonly number[];
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The whole path from a model file and a catalogue to figures.
 * @throws {FederationError} as `readModelFile` and `readCatalogue`
 */
export async function evaluateFile(options: EvaluateFileOptions): Promise<
  Evaluation & {
    readonly classNames: readonly string[];
    readonly records: readonly FilmRecord[];
    readonly setAside: readonly SetAside[];
  }
> {
  const { model: path, catalogueFolder, split, cacheFolder, ious, batch, onProgress } = options;
  const { plan, classes, weights } = await readModelFile(path);
  const set = await loadFilmSet({ catalogueFolder, split, classes, size: plan.size, cacheFolder });
  const model = new Oxnet(plan, classes.length, weights);
  try {
    const evaluation = await evaluate(model, set, {
      classes,
      ...(ious && { ious }),
      ...(batch !== undefined && { batch }),
      ...(onProgress && { onProgress }),
    });
    return { ...evaluation, classNames: classes, records: set.records, setAside: set.setAside };
  } finally {
    model.dispose();
  }
}
