import type { FilmPixels } from '../films/film-pixels.js';
import { boxLabel, freePlace, LAYER_DASHES, type Rectangle, type ShownBox } from '../view/box-layers.js';
import { fitFilm, panBy, zoomAt, type Point, type Size, type Viewport } from '../view/viewport.js';
import { dragWindow, greyTable, windowBetween, type GreyWindow } from '../view/windowing.js';
import { element } from './page/element.js';

const LABEL_HEIGHT = 18;

/** A film as large as its place allows, windowed and moved by whoever looks, with boxes drawn over it in screen pixels. */
export class FilmCanvas {
  readonly canvas: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  /** The film with the window applied, in its own pixels. */
  readonly #film = element('canvas');
  readonly #onChange: () => void;
  #pixels: FilmPixels | null = null;
  #first: GreyWindow = windowBetween(0, 255);
  #window: GreyWindow = this.#first;
  #inverted = false;
  #viewport: Viewport = { scale: 1, x: 0, y: 0 };
  /** Until the reader moves it, the film fills its place, also when that changes. */
  #isFitted = true;
  #boxes: readonly ShownBox[] = [];
  #colours: ReadonlyMap<string, string> = new Map();
  #labels = true;
  #marked: ShownBox | null = null;
  #drawing = false;
  #toWindow = false;

  /** @param onChange told of every change of window and place */
  constructor(canvas: HTMLCanvasElement, onChange: () => void) {
    this.canvas = canvas;
    this.#onChange = onChange;
    this.#context = canvas.getContext('2d', { alpha: false })!;
    new ResizeObserver(() => {
      if (this.#isFitted) this.fit();
      this.#request();
    }).observe(canvas);
  }

  get window(): GreyWindow {
    return this.#window;
  }

  get inverted(): boolean {
    return this.#inverted;
  }

  /** Screen pixels to one of the film's file; null without a film. */
  get zoom(): number | null {
    return this.#pixels === null
      ? null
      : (this.#viewport.scale * this.#pixels.width) / this.#pixels.fileWidth;
  }

  /** Null clears the place. The window and the place begin anew; inversion stays as the reader chose it. */
  show(pixels: FilmPixels | null): void {
    this.#pixels = pixels;
    if (pixels !== null) {
      this.#film.width = pixels.width;
      this.#film.height = pixels.height;
      this.#first = windowBetween(pixels.low, pixels.high);
    }
    this.reset();
  }

  setBoxes(boxes: readonly ShownBox[], colours: ReadonlyMap<string, string>, labels: boolean): void {
    this.#boxes = boxes;
    this.#colours = colours;
    this.#labels = labels;
    this.#marked = null;
    this.#request();
  }

  /** Draws one box stronger; null none. */
  mark(box: ShownBox | null): void {
    this.#marked = box;
    this.#request();
  }

  reset(): void {
    this.#window = this.#first;
    this.fit();
    this.#rewindow();
  }

  fit(): void {
    this.#isFitted = true;
    if (this.#pixels !== null) this.#viewport = fitFilm(this.#pixels, this.#size());
    this.#request();
  }

  invert(): void {
    this.#inverted = !this.#inverted;
    this.#rewindow();
  }

  drag(from: GreyWindow, dx: number, dy: number): void {
    this.#window = dragWindow(from, this.#first, dx, dy);
    this.#rewindow();
  }

  pan(dx: number, dy: number): void {
    if (this.#pixels === null) return;
    this.#isFitted = false;
    this.#viewport = panBy(this.#viewport, dx, dy, this.#pixels, this.#size());
    this.#request();
  }

  /** @param at in CSS pixels of the canvas; its middle without it */
  zoomBy(factor: number, at?: Point): void {
    if (this.#pixels === null) return;
    const size = this.#size();
    const place = at ?? { x: size.width / 2, y: size.height / 2 };
    this.#isFitted = false;
    this.#viewport = zoomAt(this.#viewport, factor, place, this.#pixels, size);
    this.#request();
  }

  #size(): Size {
    return { width: Math.max(1, this.canvas.clientWidth), height: Math.max(1, this.canvas.clientHeight) };
  }

  #rewindow(): void {
    this.#toWindow = true;
    this.#request();
  }

  /** Many gestures may come between two frames: the film is drawn once for all of them. */
  #request(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      this.#drawing = false;
      if (this.#toWindow) this.#applyWindow();
      this.#draw();
      this.#onChange();
    });
  }

  #applyWindow(): void {
    this.#toWindow = false;
    const pixels = this.#pixels;
    const context = this.#film.getContext('2d');
    if (pixels === null || context === null) return;
    const { width, height, bits, bytes } = pixels;
    const values = bits === 8 ? bytes : new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2);
    const table = greyTable(this.#window, this.#inverted, 2 ** bits);
    const image = context.createImageData(width, height);
    const words = new Uint32Array(image.data.buffer);
    for (let i = 0; i < words.length; i++) words[i] = table[values[i]!]!;
    context.putImageData(image, 0, 0);
  }

  #draw(): void {
    const context = this.#context;
    const { width, height } = this.#size();
    const ratio = devicePixelRatio;
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    if (this.canvas.width !== wide || this.canvas.height !== high) {
      this.canvas.width = wide;
      this.canvas.height = high;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.fillStyle = '#000';
    context.fillRect(0, 0, width, height);
    const pixels = this.#pixels;
    if (pixels === null) return;
    const { scale, x, y } = this.#viewport;
    context.imageSmoothingEnabled = scale * ratio < 6; // beyond that the reader wants to see pixels
    context.imageSmoothingQuality = 'high';
    context.drawImage(this.#film, x, y, pixels.width * scale, pixels.height * scale);
    this.#drawBoxes(pixels);
  }

  #drawBoxes(pixels: FilmPixels): void {
    const { scale, x, y } = this.#viewport;
    const factor = (scale * pixels.width) / pixels.fileWidth;
    const places = this.#boxes.map((box) => ({
      box,
      at: {
        x: x + box.x * factor,
        y: y + box.y * factor,
        width: box.width * factor,
        height: box.height * factor,
      },
    }));
    for (const { box, at } of places) this.#outline(box, at);
    if (!this.#labels) return;
    const taken: Rectangle[] = [];
    for (const { box, at } of places) taken.push(this.#label(box, at, taken));
  }

  /** Two strokes, the wider one black, so that a box shows on bone and on air. */
  #outline(box: ShownBox, { x, y, width, height }: Rectangle): void {
    const context = this.#context;
    const strong = box === this.#marked ? 2 : 0;
    const strokes = [
      { colour: 'rgb(0 0 0 / 50%)', line: 4 + strong, dash: [] },
      { colour: this.#colourOf(box), line: 2 + strong, dash: [...LAYER_DASHES[box.layer]] },
    ];
    for (const { colour, line, dash } of strokes) {
      context.setLineDash(dash);
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.strokeRect(x, y, width, height);
    }
    context.setLineDash([]);
  }

  /** A true box has its name above, on full colour; what a network found below, outlined. */
  #label(box: ShownBox, { x, y, height }: Rectangle, taken: readonly Rectangle[]): Rectangle {
    const context = this.#context;
    context.font = "600 12px system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif";
    const text = boxLabel(box);
    const isTrue = box.layer === 'true';
    const size = this.#size();
    const width = context.measureText(text).width + 10;
    const top = isTrue ? y - LABEL_HEIGHT - 2 : y + height + 3;
    const place = freePlace(
      {
        x: Math.min(Math.max(2, x - 1), Math.max(2, size.width - width - 2)),
        y: Math.min(Math.max(2, top), Math.max(2, size.height - LABEL_HEIGHT - 2)),
        ...{ width, height: LABEL_HEIGHT },
      },
      taken,
    );
    const colour = this.#colourOf(box);
    context.beginPath();
    context.roundRect(place.x, place.y, width, LABEL_HEIGHT, 3);
    context.fillStyle = isTrue ? colour : 'rgb(8 12 16 / 85%)';
    context.fill();
    if (!isTrue) {
      context.strokeStyle = colour;
      context.lineWidth = 1;
      context.stroke();
    }
    context.fillStyle = isTrue ? '#0a0e12' : colour;
    context.textBaseline = 'middle';
    context.fillText(text, place.x + 5, place.y + LABEL_HEIGHT / 2 + 0.5);
    return place;
  }

  #colourOf(box: ShownBox): string {
    return this.#colours.get(box.class) ?? '#dfe6ec';
  }
}
