import type { Tensor } from '@tensorflow/tfjs-core';
import { FederationError } from '@fedoxnet/shared/errors';
import type { LoadedFilmSet } from '../data/film-set.js';
import { toFilm } from '../data/letterbox.js';
import { turnBack } from '../data/quarter-turn.js';
import { anchorGrid, type AnchorGrid } from '../model/anchors.js';
import { decodeBox } from '../model/box-codec.js';
import type { Oxnet } from '../model/oxnet.js';
import { imageTensor } from '../training/image-tensor.js';
import type { Detection } from './detection.js';
import type { ImageScores } from './image-auc.js';
import { suppressNonMaxima } from './non-maximum-suppression.js';

/** What becomes of the network's scores (oxnet.md §5). */
export interface DetectionOptions {
  /** Anchors below this score are not looked at. */
  readonly scoreFloor: number;
  /** At most so many anchors per class go into the suppression, the best ones. */
  readonly candidates: number;
  /** Overlap above which the weaker of two boxes of one class goes. */
  readonly suppressionIou: number;
  /** At most so many detections per film, all classes together. */
  readonly perFilm: number;
}

export const DETECTION_DEFAULTS: DetectionOptions = {
  scoreFloor: 0.05,
  candidates: 1000,
  suppressionIou: 0.5,
  perFilm: 100,
};

/** One film's raw outputs on the host, as flat rows in the order of the anchors. */
export interface FilmOutputs {
  /** [N · K] before the sigmoid. */
  readonly logits: Float32Array;
  /** [N · 4] */
  readonly deltas: Float32Array;
}

interface ForwardedFilm extends FilmOutputs {
  /** [K] of the global head, before the sigmoid. */
  readonly imageLogits: Float32Array;
}

/** What the model says of one film. */
export interface FilmFindings extends ImageScores {
  /** In pixels of the original film, best first. */
  readonly detections: readonly Detection[];
}

/** A detection in model pixels: class index and x1, y1, x2, y2. */
export interface ModelDetection {
  readonly classIndex: number;
  readonly score: number;
  readonly box: readonly [number, number, number, number];
}

export interface DetectOptions {
  readonly classes: readonly string[];
  /** Films per forward pass. */
  readonly batch?: number;
  readonly options?: DetectionOptions;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * Runs the model over all films of a set. The event loop gets a turn after each batch.
 * @returns in the order of the films
 * @throws {FederationError} `MODEL_INVALID` when a score or box is not a number, as overflowing weights give
 */
export async function examine(
  model: Oxnet,
  set: LoadedFilmSet,
  { classes, batch = 4, options = DETECTION_DEFAULTS, onProgress }: DetectOptions,
): Promise<FilmFindings[]> {
  const anchors = anchorGrid(model.plan);
  const findings: FilmFindings[] = [];
  for (let first = 0; first < set.films.length; first += batch) {
    const films = set.films.slice(first, first + batch);
    const outputs = await forwardFilms(
      model,
      films.map((_, i) => set.pixels(first + i)),
    );
    for (const [i, film] of films.entries()) {
      const found = outputs[i] as ForwardedFilm;
      if (Object.values<Float32Array>({ ...found }).some((values) => values.includes(NaN)))
        throw new FederationError('MODEL_INVALID', `What the model says of film ${film.id} is not a number.`);
      const detections: Detection[] = [];
      for (const { classIndex, score, box } of detectOnFilm(found, anchors, classes.length, options)) {
        const asFitted = turnBack(box, model.plan.size, film.turns ?? 0);
        const place = toFilm(asFitted, film.letterbox, film.width, film.height);
        const name = classes[classIndex];
        if (place !== null && name !== undefined)
          detections.push({ film: film.id, class: name, score, ...place });
      }
      findings.push({
        detections,
        global: Float64Array.from(found.imageLogits, sigmoid),
        local: Float64Array.from(strongestLogits(found.logits, classes.length), sigmoid),
      });
    }
    onProgress?.(first + films.length, set.films.length);
  }
  return findings;
}

/** One forward pass; everything on the device is disposed before it returns. @param films B of [S · S] grey 0 … 255 */
async function forwardFilms(model: Oxnet, films: readonly Uint8Array[]): Promise<ForwardedFilm[]> {
  const images = imageTensor(films, model.plan.size, model.plan.channels);
  const outputs = model.forward(images);
  try {
    const logits = (await outputs.classLogits.data()) as Float32Array;
    const deltas = (await outputs.boxDeltas.data()) as Float32Array;
    const imageLogits = (await outputs.imageLogits.data()) as Float32Array;
    // The backend may hand out its own memory: slice() makes copies that outlive the tensors.
    const rowOf = (all: Float32Array, film: number): Float32Array => {
      const length = all.length / films.length;
      return all.slice(film * length, (film + 1) * length);
    };
    return films.map((_, film) => ({
      logits: rowOf(logits, film),
      deltas: rowOf(deltas, film),
      imageLogits: rowOf(imageLogits, film),
    }));
  } finally {
    images.dispose();
    for (const tensor of Object.values<Tensor>({ ...outputs })) tensor.dispose();
  }
}

/** [K] highest of all anchors. @param logits [N · K] */
function strongestLogits(logits: Float32Array, classCount: number): Float32Array {
  const strongest = new Float32Array(classCount).fill(-Infinity);
  for (let i = 0; i < logits.length; i++) {
    const k = i % classCount;
    if ((logits[i] as number) > (strongest[k] as number)) strongest[k] = logits[i] as number;
  }
  return strongest;
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-logit));
}

/** Sigmoid, score floor, box decoding and suppression per class, then the best of all classes. */
export function detectOnFilm(
  { logits, deltas }: FilmOutputs,
  anchors: AnchorGrid,
  classCount: number,
  options: DetectionOptions = DETECTION_DEFAULTS,
): ModelDetection[] {
  const { scoreFloor, candidates, suppressionIou, perFilm } = options;
  const logitFloor = Math.log(scoreFloor / (1 - scoreFloor));
  const detections: ModelDetection[] = [];
  for (let k = 0; k < classCount; k++) {
    const above: number[] = [];
    for (let anchor = 0; anchor < anchors.count; anchor++) {
      if ((logits[anchor * classCount + k] as number) >= logitFloor) above.push(anchor);
    }
    const logitOf = (anchor: number): number => logits[anchor * classCount + k] as number;
    const best = above.sort((a, b) => logitOf(b) - logitOf(a)).slice(0, candidates);
    const boxes = new Float32Array(best.length * 4);
    best.forEach((anchor, row) => decodeBox(anchors.boxes, anchor, deltas, anchor, anchors.size, boxes, row));
    const scores = best.map((anchor) => sigmoid(logitOf(anchor)));
    for (const row of suppressNonMaxima(boxes, scores, suppressionIou, perFilm)) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(row * 4, row * 4 + 4);
      detections.push({ classIndex: k, score: scores[row] as number, box: [x1, y1, x2, y2] });
    }
  }
  return detections.sort((a, b) => b.score - a.score).slice(0, perFilm);
}
