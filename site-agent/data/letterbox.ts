/**
 * How a film is fitted into a square of S × S model pixels: scaled and centred, black beside it. The fitted film has whole
 * pixels on both sides, so the two factors differ by a little: model x = film x · scaleX + offsetX, likewise y.
 */
export interface Letterbox {
  readonly scaleX: number;
  readonly scaleY: number;
  readonly offsetX: number;
  readonly offsetY: number;
}

/** The fitted film in whole model pixels, as the decoder draws it. */
export interface Placement extends Letterbox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** @param size S, the side of the square in model pixels */
export function fitIntoSquare(filmWidth: number, filmHeight: number, size: number): Placement {
  const scale = size / Math.max(filmWidth, filmHeight);
  const width = Math.max(1, Math.round(filmWidth * scale));
  const height = Math.max(1, Math.round(filmHeight * scale));
  const left = Math.floor((size - width) / 2);
  const top = Math.floor((size - height) / 2);
  return {
    ...{ scaleX: width / filmWidth, scaleY: height / filmHeight, offsetX: left, offsetY: top },
    ...{ left, top, width, height },
  };
}

/** (x1, y1, x2, y2) of the film in model pixels. */
export function toModel(
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
  { scaleX, scaleY, offsetX, offsetY }: Letterbox,
): [number, number, number, number] {
  const x1 = box.x * scaleX + offsetX;
  const y1 = box.y * scaleY + offsetY;
  return [x1, y1, x1 + box.width * scaleX, y1 + box.height * scaleY];
}

/** The inverse, clipped to the film; null when nothing of the box lies on it. */
export function toFilm(
  [x1, y1, x2, y2]: readonly [number, number, number, number],
  { scaleX, scaleY, offsetX, offsetY }: Letterbox,
  filmWidth: number,
  filmHeight: number,
): { x: number; y: number; width: number; height: number } | null {
  const left = Math.max(0, (x1 - offsetX) / scaleX);
  const top = Math.max(0, (y1 - offsetY) / scaleY);
  const right = Math.min(filmWidth, (x2 - offsetX) / scaleX);
  const bottom = Math.min(filmHeight, (y2 - offsetY) / scaleY);
  if (!(right > left && bottom > top)) return null;
  return { x: left, y: top, width: right - left, height: bottom - top };
}
