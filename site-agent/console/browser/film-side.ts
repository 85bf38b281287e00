import type { ClassReading } from '../../data/film.js';
import type { FilmReply, Seen, SeenReply, SiteReply } from '../messages.js';
import { LAYERS, type BoxChoice, type Layer, type ShownBox } from '../view/box-layers.js';
import { NOT_KNOWN } from '../view/page/numbers.js';
import { byId, element, setText } from './page/element.js';

/** What stands beside a film: who drew boxes and which of them are shown, the boxes themselves, what is known of the film. */
export class FilmSide {
  readonly #layers = new Set<Layer>(LAYERS);
  readonly #hidden = new Set<string>();
  readonly #score = byId<HTMLInputElement>('min-score');
  readonly #onChange: () => void;
  readonly #onMark: (box: ShownBox | null) => void;

  constructor(onChange: () => void, onMark: (box: ShownBox | null) => void) {
    this.#onChange = onChange;
    this.#onMark = onMark;
    for (const layer of LAYERS) {
      const input = byId<HTMLInputElement>(`layer-${layer}`);
      input.addEventListener('change', () => this.#setLayer(layer, input.checked));
    }
    this.#score.addEventListener('input', () => {
      setText(byId('min-score-value'), Number(this.#score.value).toFixed(2));
      onChange();
    });
  }

  get choice(): BoxChoice {
    return { layers: this.#layers, minScore: Number(this.#score.value), hiddenClasses: this.#hidden };
  }

  setClasses(classes: SiteReply['classes']): void {
    byId('class-choice').replaceChildren(
      ...classes.map(({ name, colour }) => {
        const input = element('input', { type: 'checkbox' });
        input.checked = true;
        input.addEventListener('change', () => {
          if (input.checked) this.#hidden.delete(name);
          else this.#hidden.add(name);
          this.#onChange();
        });
        const dot = element('span', { class: 'dot' });
        dot.style.backgroundColor = colour;
        return element('label', {}, input, dot, name);
      }),
    );
  }

  toggle(layer: Layer): void {
    const input = byId<HTMLInputElement>(`layer-${layer}`);
    input.checked = !input.checked;
    this.#setLayer(layer, input.checked);
  }

  /** All boxes away, or all back. */
  toggleAll(): void {
    const show = this.#layers.size === 0;
    for (const layer of LAYERS) {
      byId<HTMLInputElement>(`layer-${layer}`).checked = show;
      if (show) this.#layers.add(layer);
      else this.#layers.delete(layer);
    }
    this.#onChange();
  }

  showFilm(film: FilmReply | null): void {
    setText(byId('film-id'), film?.id ?? '');
    const facts: [string, string][] =
      film === null
        ? []
        : [
            ['View', film.view ?? NOT_KNOWN],
            ['Sex', film.sex ?? NOT_KNOWN],
            ['Age', film.ageBand === undefined ? NOT_KNOWN : `${film.ageBand} years`],
            ['Day', film.day === undefined ? NOT_KNOWN : `${film.day} after the first film here`],
            ['Size', `${film.width} × ${film.height}`],
            ['Use', film.split === 'train' ? 'training' : 'held out'],
          ];
    byId('film-facts').replaceChildren(
      ...facts.flatMap(([name, value]) => [element('dt', {}, name), element('dd', {}, value)]),
    );
    const readings = Object.entries(film?.readings ?? {});
    byId('film-readings').replaceChildren(
      ...readings.map(([name, reading]) =>
        element('li', {}, `${name}: ${readingText(name, reading, film!)}`),
      ),
      ...(film !== null && readings.length === 0
        ? [element('li', {}, 'Nothing is known of any class.')]
        : []),
    );
    const count = film?.boxes.length ?? 0;
    setText(byId('layer-true-note'), count === 0 ? 'none on this film' : `${count} by the reader`);
  }

  /** @param seen null while it is asked */
  showSeen(seen: SeenReply | null): void {
    for (const layer of ['teacher', 'model'] as const) {
      setText(byId(`layer-${layer}-note`), seen === null ? 'is looking …' : seenText(seen[layer]));
    }
  }

  showBoxes(boxes: readonly ShownBox[], colours: ReadonlyMap<string, string>): void {
    byId('box-list').replaceChildren(
      ...boxes.map((box) => {
        const dot = element('span', { class: 'dot' });
        dot.style.backgroundColor = colours.get(box.class) ?? '';
        const who = box.layer === 'true' ? 'reader' : box.layer;
        const row = element(
          'li',
          { tabindex: '0' },
          ...[dot, element('span', {}, box.class), element('span', { class: 'who' }, who)],
          element('span', { class: 'number' }, box.score === null ? '' : box.score.toFixed(2)),
        );
        for (const name of ['pointerenter', 'focus']) row.addEventListener(name, () => this.#onMark(box));
        for (const name of ['pointerleave', 'blur']) row.addEventListener(name, () => this.#onMark(null));
        return row;
      }),
    );
    byId('box-none').hidden = boxes.length > 0;
  }

  #setLayer(layer: Layer, show: boolean): void {
    if (show) this.#layers.add(layer);
    else this.#layers.delete(layer);
    this.#onChange();
  }
}

function readingText(name: string, reading: ClassReading, { boxes }: FilmReply): string {
  if (reading.supervision === 'image') return reading.present === 1 ? 'present, place unknown' : 'absent';
  const count = boxes.filter((box) => box.class === name).length;
  return count === 0 ? 'absent' : `${count} drawn`;
}

function seenText(seen: Seen): string {
  if (seen.boxes === null) return seen.why;
  return `${seen.who}: ${seen.boxes.length} above 0.05`;
}
