import type { FilmReply, SeenReply, SiteReply } from '../messages.js';
import { shownBoxes } from '../view/box-layers.js';
import { FilmCanvas } from './film-canvas.js';
import { FilmFilterForm } from './film-filter.js';
import { FilmGestures, type Tool } from './film-gestures.js';
import { FilmList } from './film-list.js';
import { FilmSide } from './film-side.js';
import { byId, setText } from './page/element.js';
import { getJson, getPixels } from './requests.js';
import type { View } from './view.js';

/** The films of the site: choose one, look at it, see what reader, teacher and model say. */
export class FilmsView implements View {
  readonly #canvas: FilmCanvas;
  readonly #gestures: FilmGestures;
  readonly #list: FilmList;
  readonly #side: FilmSide;
  readonly #filter: FilmFilterForm;
  readonly #onError: (error: unknown) => void;
  #colours: ReadonlyMap<string, string> = new Map();
  #film: FilmReply | null = null;
  #seen: SeenReply | null = null;
  #labels = true;
  /** Ends what is asked for the film before. */
  #asking = new AbortController();
  /** Ends the round through all films. */
  #sweeping: AbortController | null = null;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#canvas = new FilmCanvas(byId<HTMLCanvasElement>('film'), () => this.#showReadout());
    this.#gestures = new FilmGestures(this.#canvas);
    this.#list = new FilmList((id) => void this.#open(id), onError);
    this.#side = new FilmSide(
      () => this.#showBoxes(),
      (box) => this.#canvas.mark(box),
    );
    this.#filter = new FilmFilterForm((query) => void this.#list.filter(query));
    const buttons: Record<string, () => void> = {
      previous: () => void this.#list.step(-1),
      next: () => void this.#list.step(1),
      invert: () => this.#canvas.invert(),
      reset: () => this.#canvas.reset(),
      'zoom-in': () => this.#canvas.zoomBy(1.25),
      'zoom-out': () => this.#canvas.zoomBy(0.8),
      'tool-window': () => this.#setTool('window'),
      'tool-pan': () => this.#setTool('pan'),
      'look-at-all': () => void this.#sweep(),
      shortcuts: () => byId<HTMLDialogElement>('shortcut-list').showModal(),
    };
    for (const [id, act] of Object.entries(buttons)) byId(id).addEventListener('click', act);
  }

  start({ classes }: SiteReply): void {
    this.#colours = new Map(classes.map(({ name, colour }) => [name, colour]));
    this.#side.setClasses(classes);
    this.#filter.setClasses(classes.map(({ name }) => name));
  }

  async show(): Promise<void> {
    await this.#list.filter(this.#filter.query);
    if (this.#list.films.length === 0) await this.#close();
  }

  /** What was asked for the film that is shown may still come. */
  hide(): void {
    this.#sweeping?.abort();
  }

  /** @returns false for a key that means nothing here */
  press(key: string): boolean {
    const keys: Record<string, () => void> = {
      ArrowRight: () => void this.#list.step(1),
      ArrowDown: () => void this.#list.step(1),
      ArrowLeft: () => void this.#list.step(-1),
      ArrowUp: () => void this.#list.step(-1),
      '1': () => this.#side.toggle('true'),
      '2': () => this.#side.toggle('teacher'),
      '3': () => this.#side.toggle('model'),
      b: () => this.#side.toggleAll(),
      l: () => {
        this.#labels = !this.#labels;
        this.#showBoxes();
      },
      i: () => this.#canvas.invert(),
      r: () => this.#canvas.reset(),
      f: () => this.#canvas.fit(),
      '+': () => this.#canvas.zoomBy(1.25),
      '=': () => this.#canvas.zoomBy(1.25), // + without Shift
      '-': () => this.#canvas.zoomBy(0.8),
      w: () => this.#setTool('window'),
      p: () => this.#setTool('pan'),
      '?': () => byId<HTMLDialogElement>('shortcut-list').showModal(),
    };
    keys[key]?.();
    return key in keys;
  }

  async #open(id: string): Promise<void> {
    this.#asking.abort();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    const path = `films/${encodeURIComponent(id)}`;
    byId('film').dataset['state'] = 'loading';
    this.#seen = null;
    this.#side.showSeen(null);
    try {
      const [film, pixels] = await Promise.all([
        getJson<FilmReply>(path, signal),
        getPixels(`${path}/pixels`, signal),
      ]);
      if (signal.aborted) return;
      this.#film = film;
      this.#say(null);
      this.#canvas.show(pixels);
      this.#side.showFilm(film);
      this.#showBoxes();
      byId('film').dataset['state'] = 'shown';
      byId('film').setAttribute('aria-label', `Film ${id}`);
      await this.#ask(id, path, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#film = null;
      this.#canvas.show(null);
      this.#side.showFilm(null);
      this.#showBoxes();
      byId('film').dataset['state'] = 'failed';
      this.#say((error as Error).message);
      this.#onError(error);
    }
  }

  async #ask(id: string, path: string, signal: AbortSignal): Promise<void> {
    const seen = await getJson<SeenReply>(`${path}/seen`, signal);
    if (signal.aborted) return;
    this.#seen = seen;
    this.#side.showSeen(seen);
    this.#showBoxes();
    if (seen.model.boxes !== null)
      this.#list.score(id, Math.max(0, ...seen.model.boxes.map(({ score }) => score)));
  }

  /** Shows every film of the list to the model, one after the other, until it is told to stop. */
  async #sweep(): Promise<void> {
    const button = byId('look-at-all');
    if (this.#sweeping !== null) return this.#sweeping.abort();
    const sweeping = (this.#sweeping = new AbortController());
    const films = this.#list.films.filter(({ best }) => best === null);
    try {
      for (const [done, { id }] of films.entries()) {
        setText(button, `Stop (${done} of ${films.length})`);
        const path = `films/${encodeURIComponent(id)}/seen`;
        const { model } = await getJson<SeenReply>(path, sweeping.signal);
        if (model.boxes === null) throw new Error(model.why);
        this.#list.score(id, Math.max(0, ...model.boxes.map(({ score }) => score)));
      }
    } catch (error) {
      if (!sweeping.signal.aborted) this.#onError(error);
    } finally {
      this.#sweeping = null;
      setText(button, 'Ask the model about these films');
    }
  }

  async #close(): Promise<void> {
    this.#asking.abort();
    this.#film = null;
    this.#seen = null;
    this.#canvas.show(null);
    this.#side.showFilm(null);
    this.#showBoxes();
    this.#say('No film fits.');
  }

  #showBoxes(): void {
    const boxes = shownBoxes(this.#film, this.#seen, this.#side.choice);
    this.#canvas.setBoxes(boxes, this.#colours, this.#labels);
    this.#side.showBoxes(boxes, this.#colours);
  }

  #setTool(tool: Tool): void {
    this.#gestures.tool = tool;
    byId('tool-window').setAttribute('aria-pressed', String(tool === 'window'));
    byId('tool-pan').setAttribute('aria-pressed', String(tool === 'pan'));
    byId('film').dataset['tool'] = tool;
  }

  #say(text: string | null): void {
    byId('film-message').hidden = text === null;
    setText(byId('film-message'), text ?? '');
  }

  #showReadout(): void {
    const { window, zoom, inverted } = this.#canvas;
    const place = zoom === null ? '' : `${Math.round(zoom * 100)} %`;
    setText(byId('readout'), `W ${Math.round(window.width)}  C ${Math.round(window.centre)}  ${place}`);
    byId('invert').setAttribute('aria-pressed', String(inverted));
  }
}
