/** Where a film lies on the screen: screen = film · scale + offset, in CSS pixels of the viewer. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** Relative to the scale at which the whole film is seen. */
const LEAST_ZOOM = 0.5;
const MOST_ZOOM = 40;
/** So much of the film, in pixels, stays in sight however far it is moved. */
const IN_SIGHT = 60;

/** The whole film, as large as it can be. */
export function fitFilm(film: Size, view: Size): Viewport {
  const scale = Math.min(view.width / film.width, view.height / film.height);
  return {
    scale,
    x: (view.width - film.width * scale) / 2,
    y: (view.height - film.height * scale) / 2,
  };
}

/** Zooms by `factor`; the film's place under `at` stays where it is. */
export function zoomAt(viewport: Viewport, factor: number, at: Point, film: Size, view: Size): Viewport {
  const whole = fitFilm(film, view).scale;
  const wanted = viewport.scale * factor;
  const scale = Math.min(MOST_ZOOM * whole, Math.max(LEAST_ZOOM * whole, wanted));
  const ratio = scale / viewport.scale;
  const moved = { scale, x: at.x - (at.x - viewport.x) * ratio, y: at.y - (at.y - viewport.y) * ratio };
  return withinSight(moved, film, view);
}

export function panBy(viewport: Viewport, dx: number, dy: number, film: Size, view: Size): Viewport {
  return withinSight({ ...viewport, x: viewport.x + dx, y: viewport.y + dy }, film, view);
}

function withinSight({ scale, x, y }: Viewport, film: Size, view: Size): Viewport {
  const clamp = (offset: number, length: number, room: number): number =>
    Math.min(room - IN_SIGHT, Math.max(IN_SIGHT - length * scale, offset));
  return { scale, x: clamp(x, film.width, view.width), y: clamp(y, film.height, view.height) };
}
