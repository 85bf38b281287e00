import { byId, element, setText } from './page/element.js';

const FIELDS = ['class', 'supervision', 'finding', 'split', 'text'] as const;

/** By class, supervision, finding, split, score and id. */
export class FilmFilterForm {
  readonly #form = byId<HTMLFormElement>('film-filter');

  constructor(onChange: (query: URLSearchParams) => void) {
    let waiting: number | undefined;
    this.#form.addEventListener('submit', (event) => event.preventDefault());
    this.#form.addEventListener('input', () => {
      const score = this.#value('filter-score');
      setText(byId('filter-score-value'), score === '0' ? 'any' : `≥ ${Number(score).toFixed(2)}`);
      clearTimeout(waiting);
      waiting = setTimeout(() => onChange(this.query), 200);
    });
  }

  get query(): URLSearchParams {
    const query = new URLSearchParams();
    for (const field of FIELDS) {
      const value = this.#value(`filter-${field}`);
      if (value !== '') query.set(field, value);
    }
    const score = this.#value('filter-score');
    if (score !== '0') query.set('minScore', score);
    return query;
  }

  setClasses(classes: readonly string[]): void {
    byId('filter-class').replaceChildren(
      element('option', { value: '' }, 'Any class'),
      ...classes.map((name) => element('option', { value: name }, name)),
    );
  }

  #value(id: string): string {
    return byId<HTMLInputElement | HTMLSelectElement>(id).value;
  }
}
