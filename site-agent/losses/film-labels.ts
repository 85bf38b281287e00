/** What is known about one film of a mini-batch. K = classes of the plan, in its order. */
export interface FilmLabels {
  /** [n · 4] x1, y1, x2, y2 in model pixels. */
  readonly boxes: Float32Array;
  /** [n] class of each box. */
  readonly boxClasses: Int32Array;
  /** [K] 1 where every lesion of the class is boxed: no box then means no lesion. */
  readonly boxKnown: Uint8Array;
  /** [K] 1 where presence in the film is known. */
  readonly labelKnown: Uint8Array;
  /** [K] 1 present, 0 absent; meaningless where labelKnown is 0. */
  readonly label: Uint8Array;
}

export function isLabelledPresent(film: FilmLabels, c: number): boolean {
  return film.labelKnown[c] === 1 && film.label[c] === 1;
}

export function isLabelledAbsent(film: FilmLabels, c: number): boolean {
  return film.labelKnown[c] === 1 && film.label[c] === 0;
}
