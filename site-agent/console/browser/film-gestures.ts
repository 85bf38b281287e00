import type { Point } from '../view/viewport.js';
import type { GreyWindow } from '../view/windowing.js';
import type { FilmCanvas } from './film-canvas.js';

/** What a drag with the first button or one finger does; with another button, or Shift, it always moves the film. */
export type Tool = 'window' | 'pan';

interface Drag {
  readonly kind: Tool;
  readonly start: Point;
  readonly window: GreyWindow;
}

/** Two taps of a finger: no later than this after each other, and no farther apart. */
const DOUBLE_TAP_MS = 350;
const DOUBLE_TAP_PIXELS = 30;

/** Mouse, pen and fingers on a film: drag, wheel, pinch, double click or tap. */
export class FilmGestures {
  tool: Tool = 'window';
  readonly #film: FilmCanvas;
  readonly #pointers = new Map<number, Point>();
  #drag: Drag | null = null;
  /** Where and when one finger touched the film last. */
  #tap: { readonly at: Point; readonly ms: number } | null = null;

  constructor(film: FilmCanvas) {
    this.#film = film;
    const { canvas } = film;
    canvas.addEventListener('pointerdown', (event) => this.#down(event));
    canvas.addEventListener('pointermove', (event) => this.#move(event));
    for (const name of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(name, (event) => this.#up(event));
    }
    canvas.addEventListener('pointerdown', (event) => this.#tapped(event));
    canvas.addEventListener('dblclick', () => film.fit());
    canvas.addEventListener('contextmenu', (event) => event.preventDefault());
    canvas.addEventListener('wheel', (event) => this.#wheel(event), { passive: false });
  }

  #down(event: PointerEvent): void {
    event.preventDefault();
    this.#film.canvas.focus({ preventScroll: true });
    this.#film.canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, placeOf(event));
    const moves = this.tool === 'pan' || event.shiftKey || event.button !== 0;
    this.#drag =
      this.#pointers.size > 1
        ? null
        : { kind: moves ? 'pan' : 'window', start: placeOf(event), window: this.#film.window };
  }

  #move(event: PointerEvent): void {
    const before = this.#pointers.get(event.pointerId);
    if (before === undefined) return;
    const now = placeOf(event);
    if (this.#pointers.size === 2) this.#pinch(event.pointerId, now);
    else if (this.#drag?.kind === 'pan') this.#film.pan(now.x - before.x, now.y - before.y);
    else if (this.#drag !== null) {
      const { start, window } = this.#drag;
      this.#film.drag(window, now.x - start.x, now.y - start.y);
    }
    this.#pointers.set(event.pointerId, now);
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    this.#drag = null;
  }

  /** Not every browser makes a double click of it where the page keeps gestures to itself. */
  #tapped(event: PointerEvent): void {
    if (event.pointerType !== 'touch') return;
    const [last, now] = [this.#tap, { at: placeOf(event), ms: event.timeStamp }];
    this.#tap = this.#pointers.size === 1 ? now : null;
    if (last === null || this.#tap === null) return;
    const isDouble = now.ms - last.ms <= DOUBLE_TAP_MS && distance(last.at, now.at) <= DOUBLE_TAP_PIXELS;
    if (isDouble) this.#film.fit();
  }

  /** Two fingers: what lies between them stays between them. */
  #pinch(moved: number, now: Point): void {
    const before = this.#pointers.get(moved)!;
    const other = [...this.#pointers].find(([id]) => id !== moved)![1];
    const [was, is] = [distance(before, other), distance(now, other)];
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.#film.pan((now.x - before.x) / 2, (now.y - before.y) / 2);
    if (was > 0) this.#film.zoomBy(is / was, middle);
  }

  /** A pinch on a touchpad comes as a wheel with Ctrl, in finer steps. */
  #wheel(event: WheelEvent): void {
    event.preventDefault();
    const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    const pace = event.ctrlKey ? 0.01 : 0.0015;
    this.#film.zoomBy(Math.exp(-event.deltaY * lines * pace), placeOf(event));
  }
}

function placeOf({ offsetX, offsetY }: MouseEvent): Point {
  return { x: offsetX, y: offsetY };
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}
