import type { Supervision } from './film.js';
import type { Letterbox } from './letterbox.js';
import type { QuarterTurns } from './quarter-turn.js';

/**
 * One film as the trainer sees it: letterboxed to S × S, numbers only, no identifier beyond the local film id.
 * K = classes of the plan, in its order.
 */
export interface TrainingFilm {
  readonly id: string;
  /** Strongest supervision of any class of the plan: it decides which share of a mini-batch the film fills. */
  readonly tier: Supervision;
  /** [n · 4] x1, y1, x2, y2 in model pixels, 0 … S. */
  readonly boxes: Float32Array;
  /** [n] class index of each box. */
  readonly boxClasses: Int32Array;
  /** [K] 1 where every lesion of the class on this film is boxed. */
  readonly boxKnown: Uint8Array;
  /** [K] 1 where presence in the film is known (boxKnown implies it). */
  readonly labelKnown: Uint8Array;
  /** [K] 1 present, 0 absent; meaningless where labelKnown is 0. */
  readonly label: Uint8Array;
  /** To scale detections back to the film's own pixels. */
  readonly letterbox: Letterbox;
  /** How its pixels were turned after fitting, so that the model sees the chest upright; of films that lie otherwise. */
  readonly turns?: QuarterTurns;
  readonly width: number;
  readonly height: number;
}

/** All films of one split at one size, decoded once and kept as bytes. */
export interface FilmSet {
  readonly size: number;
  readonly films: readonly TrainingFilm[];
  /** Grey 0…255, row-major, [S · S], min–max stretched per film. Not a copy: do not write to it. */
  pixels(index: number): Uint8Array;
}
