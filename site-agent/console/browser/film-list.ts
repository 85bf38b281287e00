import type { FilmLine, FilmsReply } from '../messages.js';
import { formatCount } from '../view/page/numbers.js';
import { byId, element, setText } from './page/element.js';
import { getJson, getPicture } from './requests.js';

const SUPERVISION_WORDS = { box: 'boxes', image: 'image labels', none: 'no labels' } as const;

/** The films that fit the filter, with small pictures that are fetched when they come into sight. */
export class FilmList {
  readonly #list = byId('film-list');
  readonly #more = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) void this.#fetchPage();
  });
  readonly #sight = new IntersectionObserver((entries) => {
    for (const { isIntersecting, target } of entries) if (isIntersecting) void this.#draw(target);
  });
  readonly #onChoose: (id: string) => void;
  readonly #onError: (error: unknown) => void;
  #query = new URLSearchParams();
  #films: FilmLine[] = [];
  #fitting = 0;
  #chosen: string | null = null;
  /** Of the last filter: answers to an earlier one are dropped. */
  #turn = 0;
  #fetching = false;

  constructor(onChoose: (id: string) => void, onError: (error: unknown) => void) {
    this.#onChoose = onChoose;
    this.#onError = onError;
    this.#list.addEventListener('click', (event) => {
      const id = (event.target as HTMLElement).closest<HTMLElement>('[data-film]')?.dataset['film'];
      if (id !== undefined) this.choose(id);
    });
  }

  get films(): readonly FilmLine[] {
    return this.#films;
  }

  /** The first film is chosen, unless the chosen one fits as well. */
  async filter(query: URLSearchParams): Promise<void> {
    this.#query = query;
    this.#films = [];
    this.#turn += 1;
    this.#fetching = false;
    this.#list.replaceChildren();
    await this.#fetchPage();
    const [first] = this.#films;
    if (first !== undefined && !this.#films.some(({ id }) => id === this.#chosen)) this.choose(first.id);
    else this.#mark();
  }

  choose(id: string): void {
    this.#chosen = id;
    this.#mark();
    this.#onChoose(id);
  }

  /** The next film, or the one before; at either end nothing happens. */
  async step(by: 1 | -1): Promise<void> {
    const at = this.#films.findIndex(({ id }) => id === this.#chosen) + by;
    if (at >= this.#films.length) await this.#fetchPage();
    const film = this.#films[at];
    if (film !== undefined && at >= 0) this.choose(film.id);
  }

  /** Shows the score that the model just gave. */
  score(id: string, best: number): void {
    this.#films = this.#films.map((film) => (film.id === id ? { ...film, best } : film));
    const target = this.#row(id)?.querySelector<HTMLElement>('.best');
    if (target) setText(target, best.toFixed(2));
  }

  async #fetchPage(): Promise<void> {
    if (this.#fetching || (this.#films.length > 0 && this.#films.length >= this.#fitting)) return;
    this.#fetching = true;
    const turn = this.#turn;
    try {
      const query = new URLSearchParams(this.#query);
      query.set('from', String(this.#films.length));
      const { all, fitting, films } = await getJson<FilmsReply>(`films?${query}`);
      if (turn !== this.#turn) return;
      this.#fitting = fitting;
      this.#films.push(...films);
      const rows = films.map((film) => this.#rowOf(film));
      this.#list.append(...rows);
      for (const row of rows) this.#sight.observe(row);
      this.#more.disconnect();
      const last = rows.at(-1);
      if (last !== undefined) this.#more.observe(last);
      setText(byId('film-count'), `${formatCount(fitting)} of ${formatCount(all)} films`);
    } catch (error) {
      this.#onError(error);
    } finally {
      if (turn === this.#turn) this.#fetching = false;
    }
  }

  #rowOf({ id, split, supervision, present, boxes, best }: FilmLine): HTMLElement {
    const says =
      present.length > 0 ? present.join(', ') : supervision === 'none' ? '' : 'nothing found by the reader';
    const words = [SUPERVISION_WORDS[supervision], ...(boxes > 0 ? [`${boxes} drawn`] : [])];
    return element(
      'li',
      { 'data-film': id },
      element(
        'button',
        { type: 'button' },
        element('canvas', { width: '64', height: '64', 'aria-hidden': 'true' }),
        element(
          'span',
          { class: 'film-words' },
          element('strong', {}, id),
          element('span', {}, `${words.join(' · ')}${split === 'val' ? ' · held out' : ''}`),
          element('span', { class: 'present' }, says),
        ),
        element(
          'span',
          { class: 'best', title: 'highest score of the model' },
          best === null ? '' : best.toFixed(2),
        ),
      ),
    );
  }

  #row(id: string | null): HTMLElement | null {
    return (
      ([...this.#list.children].find(
        (row) => (row as HTMLElement).dataset['film'] === id,
      ) as HTMLElement | null) ?? null
    );
  }

  #mark(): void {
    for (const row of this.#list.querySelectorAll('[aria-current]')) row.removeAttribute('aria-current');
    const row = this.#row(this.#chosen);
    row?.setAttribute('aria-current', 'true');
    row?.scrollIntoView({ block: 'nearest' });
  }

  async #draw(row: Element): Promise<void> {
    this.#sight.unobserve(row);
    const id = (row as HTMLElement).dataset['film'] ?? '';
    const canvas = row.querySelector('canvas');
    const picture = await getPicture(`films/${encodeURIComponent(id)}/thumbnail`).catch(() => null);
    if (picture === null || canvas === null) return;
    drawInside(canvas, picture);
  }
}

/** The whole picture, as large as the canvas allows. */
export function drawInside(canvas: HTMLCanvasElement, picture: ImageBitmap): void {
  const scale = Math.min(canvas.width / picture.width, canvas.height / picture.height);
  const [width, height] = [picture.width * scale, picture.height * scale];
  canvas
    .getContext('2d')
    ?.drawImage(picture, (canvas.width - width) / 2, (canvas.height - height) / 2, width, height);
}
