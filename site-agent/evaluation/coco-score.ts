import { meanOfKnown } from '@fedoxnet/shared/evaluation/mean-of-known';
import type { BoxesByPlace, CocoId, CocoTruthSet } from './coco-file.js';
import type { AreaRange, ScoredBox } from './match-boxes.js';
import { ALL_AREAS, averagePrecisionOf, rankDetections, recallOf, type Ranking } from './ranking.js';

/** COCO's ranges of size, in square pixels (cocoapi `Params.areaRng`). */
const SMALL: AreaRange = { from: 0, to: 32 ** 2 };
const MEDIUM: AreaRange = { from: 32 ** 2, to: 96 ** 2 };
const LARGE: AreaRange = { from: 96 ** 2, to: 1e10 };

export interface CocoScoreOptions {
  /** Thresholds over which `ap`, `ar` and the figures by size are averaged. */
  readonly ious: readonly number[];
  /** At most so many detections of a class count on an image, the best ones. */
  readonly perImage: number;
}

/** COCO's figures. Null where there is nothing to find: COCO prints −1. */
export interface CocoFigures {
  /** Average precision over the thresholds. */
  readonly ap: number | null;
  /** At one threshold each, whether it is among the thresholds or not. */
  readonly ap40: number | null;
  readonly ap50: number | null;
  readonly ap75: number | null;
  /** Over the thresholds, for true boxes of up to 32², up to 96², and above. */
  readonly apSmall: number | null;
  readonly apMedium: number | null;
  readonly apLarge: number | null;
  /** Recall over the thresholds with at most 1, 10 and 100 detections of a class on an image, and never more than `perImage`. */
  readonly ar1: number | null;
  readonly ar10: number | null;
  readonly ar100: number | null;
  /** With `perImage` detections. */
  readonly arSmall: number | null;
  readonly arMedium: number | null;
  readonly arLarge: number | null;
}

export interface CocoClassScore extends CocoFigures {
  readonly id: CocoId;
  readonly name: string;
  /** True boxes that count, crowd regions left out. */
  readonly truths: number;
  readonly crowds: number;
  /** All that were given, counted or not. */
  readonly predictions: number;
}

export interface CocoScore extends CocoFigures {
  readonly perClass: readonly CocoClassScore[];
}

/**
 * What pycocotools' `COCOeval(truth, results, 'bbox')` finds, per class and averaged over the classes that have true boxes.
 * Boxes alone: masks (RLE or polygons) are not compared.
 */
export function scoreCoco(
  truth: CocoTruthSet,
  predictions: BoxesByPlace<ScoredBox>,
  { ious, perImage }: CocoScoreOptions,
): CocoScore {
  const all = [...new Set([...ious, 0.4, 0.5, 0.75])];
  const averaged = ious.map((iou) => all.indexOf(iou));
  const perClass = truth.categories.map(({ id, name }): CocoClassScore => {
    const [truths, detections] = [truth.boxes.get(id), predictions.get(id)];
    const images = truth.images
      .filter((image) => truths?.has(image) === true || detections?.has(image) === true)
      .map((image) => ({ truths: truths?.get(image) ?? [], detections: detections?.get(image) ?? [] }));
    const rankings = rankDetections(images, {
      ious: all,
      perImage,
      areas: [ALL_AREAS, SMALL, MEDIUM, LARGE],
    });
    const [every, small, medium, large] = rankings as [Ranking, Ranking, Ranking, Ranking];
    const precision = (ranking: Ranking): number | null =>
      meanOfKnown(averaged.map((iou) => averagePrecisionOf(ranking, iou)));
    const recall = (ranking: Ranking, limit = perImage): number | null =>
      meanOfKnown(averaged.map((iou) => recallOf(ranking, iou, limit)));
    const boxes = images.flatMap((image) => image.truths);
    return {
      id,
      name,
      truths: boxes.filter(({ crowd }) => crowd !== true).length,
      crowds: boxes.filter(({ crowd }) => crowd === true).length,
      predictions: images.reduce((sum, image) => sum + image.detections.length, 0),
      ap: precision(every),
      ap40: averagePrecisionOf(every, all.indexOf(0.4)),
      ap50: averagePrecisionOf(every, all.indexOf(0.5)),
      ap75: averagePrecisionOf(every, all.indexOf(0.75)),
      apSmall: precision(small),
      apMedium: precision(medium),
      apLarge: precision(large),
      ar1: recall(every, 1),
      ar10: recall(every, 10),
      ar100: recall(every, 100),
      arSmall: recall(small),
      arMedium: recall(medium),
      arLarge: recall(large),
    };
  });
  const mean = (figure: keyof CocoFigures): number | null =>
    meanOfKnown(perClass.map((entry) => entry[figure]));
  return {
    ap: mean('ap'),
    ap40: mean('ap40'),
    ap50: mean('ap50'),
    ap75: mean('ap75'),
    apSmall: mean('apSmall'),
    apMedium: mean('apMedium'),
    apLarge: mean('apLarge'),
    ar1: mean('ar1'),
    ar10: mean('ar10'),
    ar100: mean('ar100'),
    arSmall: mean('arSmall'),
    arMedium: mean('arMedium'),
    arLarge: mean('arLarge'),
    perClass,
  };
}
