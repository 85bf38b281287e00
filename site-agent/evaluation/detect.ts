import type { Tensor } from '@tensorflow/tfjs-core';
import type { LoadedFilmSet } from '../data/film-set.js';
import { toFilm } from '../data/letterbox.js';
import { anchorGrid, type AnchorGrid } from '../model/anchors.js';
import { decodeBox } from '../model/box-codec.js';
import type { Oxnet } from '../model/oxnet.js';
import { imageTensor } from '../training/image-tensor.js';
import type { Detection } from './detection.js';
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
 * @returns detections in pixels of the original films, film by film, best first
 */
export async function detect(
  model: Oxnet,
  set: LoadedFilmSet,
  { classes, batch = 4, options = DETECTION_DEFAULTS, onProgress }: DetectOptions,
): Promise<Detection[]> {
  const anchors = anchorGrid(model.plan);
  const detections: Detection[] = [];
  for (let first = 0; first < set.films.length; first += batch) {
    const indexes = Array.from({ length: Math.min(batch, set.films.length - first) }, (_, i) => first + i);
    const outputs = await forwardFilms(
      model,
      indexes.map((index) => set.pixels(index)),
    );
    for (const [i, index] of indexes.entries()) {
      const film = set.films[index];
      const found = outputs[i];
      if (film === undefined || found === undefined) throw new RangeError(`no film ${index} in the set`);
      for (const { classIndex, score, box } of detectOnFilm(found, anchors, classes.length, options)) {
        const place = toFilm(box, film.letterbox, film.width, film.height);
        const name = classes[classIndex];
        if (place !== null && name !== undefined)
          detections.push({ film: film.id, class: name, score, ...place });
      }
    }
    onProgress?.(first + indexes.length, set.films.length);
  }
  return detections;
}

/** One forward pass; everything on the device is disposed before it returns. @param films B of [S · S] grey 0 … 255 */
async function forwardFilms(model: Oxnet, films: readonly Uint8Array[]): Promise<FilmOutputs[]> {
  const images = imageTensor(films, model.plan.size, model.plan.channels);
  const outputs = model.forward(images);
  try {
    const logits = (await outputs.classLogits.data()) as Float32Array;
    const deltas = (await outputs.boxDeltas.data()) as Float32Array;
    const rows = logits.length / films.length;
    const corners = deltas.length / films.length;
    // The backend may hand out its own memory: slice() makes copies that outlive the tensors.
    return films.map((_, b) => ({
      logits: logits.slice(b * rows, (b + 1) * rows),
      deltas: deltas.slice(b * corners, (b + 1) * corners),
    }));
  } finally {
    images.dispose();
    for (const tensor of Object.values<Tensor>({ ...outputs })) tensor.dispose();
  }
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
    const scores = best.map((anchor) => 1 / (1 + Math.exp(-logitOf(anchor))));
    for (const row of suppressNonMaxima(boxes, scores, suppressionIou, perFilm)) {
      const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = boxes.subarray(row * 4, row * 4 + 4);
      detections.push({ classIndex: k, score: scores[row] as number, box: [x1, y1, x2, y2] });
    }
  }
  return detections.sort((a, b) => b.score - a.score).slice(0, perFilm);
}
