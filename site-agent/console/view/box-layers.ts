import type { LesionBox } from '../../data/film.js';
import type { FilmReply, ScoredBox, SeenReply } from '../messages.js';

/** Who says where a lesion lies. */
export const LAYERS = ['true', 'teacher', 'model'] as const;
export type Layer = (typeof LAYERS)[number];

/** Black strokes and gaps in CSS pixels: the three are told apart without colour. */
export const LAYER_DASHES: Record<Layer, readonly number[]> = {
  true: [],
  teacher: [2, 4],
  model: [9, 5],
};

/** What the reader chose to see. */
export interface BoxChoice {
  readonly layers: ReadonlySet<Layer>;
  /** Boxes of teacher and model below it are left out. */
  readonly minScore: number;
  readonly hiddenClasses: ReadonlySet<string>;
}

export interface ShownBox extends LesionBox {
  readonly layer: Layer;
  /** 0 … 1; null of a true box. */
  readonly score: number | null;
}

/** The boxes to draw: true ones first, then by score. */
export function shownBoxes(film: FilmReply | null, seen: SeenReply | null, choice: BoxChoice): ShownBox[] {
  const { layers, minScore, hiddenClasses } = choice;
  const scored = (layer: 'teacher' | 'model'): ShownBox[] => {
    const boxes: readonly ScoredBox[] = seen?.[layer].boxes ?? [];
    return boxes.filter(({ score }) => score >= minScore).map((box) => ({ ...box, layer }));
  };
  const all: Record<Layer, ShownBox[]> = {
    true: (film?.boxes ?? []).map((box) => ({ ...box, layer: 'true', score: null })),
    teacher: scored('teacher'),
    model: scored('model'),
  };
  return LAYERS.filter((layer) => layers.has(layer))
    .flatMap((layer) => all[layer])
    .filter((box) => !hiddenClasses.has(box.class));
}

export function boxLabel({ class: name, layer, score }: ShownBox): string {
  return score === null ? name : `${name} ${score.toFixed(2)}${layer === 'teacher' ? ' teacher' : ''}`;
}

/** A rectangle on the screen. */
export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where the label of a box may stand: the wanted place, or the nearest free one below or above it. */
export function freePlace(wanted: Rectangle, taken: readonly Rectangle[]): Rectangle {
  const step = wanted.height + 2;
  for (let shift = 0; shift < 8; shift++) {
    for (const sign of [1, -1]) {
      const place = { ...wanted, y: wanted.y + sign * shift * step };
      if (taken.every((other) => !overlap(place, other))) return place;
    }
  }
  return wanted;
}

function overlap(a: Rectangle, b: Rectangle): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}
