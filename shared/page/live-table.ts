import type { StateWord } from './state-word.js';
import { element } from './element.js';

/** What a cell shows. */
export type Cell =
  | string
  | { readonly lines: readonly string[]; readonly notes?: readonly string[] }
  | { readonly word: StateWord; readonly note?: string | null }
  | { readonly code: string }
  /** A figure on a ground that is the stronger the higher it is, 0 … 5; null leaves the ground as it is. */
  | { readonly value: string; readonly note: string; readonly heat: number | null }
  | { readonly done: number; readonly of: number; readonly label: string };

export interface Column {
  readonly heading: string;
  readonly numeric?: boolean;
}

export interface Row {
  readonly key: string;
  /** One per column; the first is the row's heading. */
  readonly cells: readonly Cell[];
}

/** A table that is brought up to date in place: cells that did not change keep their nodes, focus and selection. */
export class LiveTable {
  readonly #head = element('tr');
  readonly #body = element('tbody');
  readonly #shown = new WeakMap<Element, string>();
  #columns: readonly Column[] = [];

  constructor(container: HTMLElement, caption: string) {
    container.append(
      element('table', {}, element('caption', {}, caption), element('thead', {}, this.#head), this.#body),
    );
  }

  update(columns: readonly Column[], rows: readonly Row[]): void {
    if (JSON.stringify(columns) !== JSON.stringify(this.#columns)) {
      this.#columns = columns;
      this.#head.replaceChildren(
        ...columns.map((column) => element('th', { scope: 'col', ...numberClass(column) }, column.heading)),
      );
      this.#body.replaceChildren();
    }
    const before = new Map([...this.#body.rows].map((row) => [row.dataset['key'] ?? '', row]));
    const after = rows.map((row) => {
      const shown = before.get(row.key) ?? this.#emptyRow(row.key);
      row.cells.forEach((cell, index) => this.#show(shown.cells[index], cell));
      return shown;
    });
    const same =
      after.length === this.#body.rows.length && after.every((row, i) => row === this.#body.rows[i]);
    if (!same) this.#body.replaceChildren(...after);
  }

  #emptyRow(key: string): HTMLTableRowElement {
    return element(
      'tr',
      { 'data-key': key },
      ...this.#columns.map((column, index) =>
        index === 0
          ? element('th', { scope: 'row', ...numberClass(column) })
          : element('td', numberClass(column)),
      ),
    );
  }

  #show(target: Element | undefined, cell: Cell): void {
    const content = JSON.stringify(cell);
    if (target === undefined || this.#shown.get(target) === content) return;
    this.#shown.set(target, content);
    target.replaceChildren(...nodesOf(cell));
  }
}

function numberClass({ numeric }: Column): Record<string, string> {
  return numeric === true ? { class: 'number' } : {};
}

function nodesOf(cell: Cell): (Node | string)[] {
  if (typeof cell === 'string') return [cell];
  if ('code' in cell) return [element('code', {}, cell.code)];
  if ('lines' in cell) {
    return [
      ...cell.lines.map((line) => element('span', { class: 'line' }, line)),
      ...(cell.notes ?? []).map((note) => element('span', { class: 'note' }, note)),
    ];
  }
  if ('word' in cell) {
    const word = element('span', { class: 'word', 'data-tone': cell.word.tone }, cell.word.text);
    const { note } = cell;
    return note === undefined || note === null ? [word] : [word, element('span', { class: 'note' }, note)];
  }
  if ('heat' in cell) {
    const level = cell.heat === null ? {} : { 'data-heat': String(cell.heat) };
    const note = cell.note === '' ? [] : [element('span', { class: 'count' }, cell.note)];
    return [element('span', { class: 'heat', ...level }, cell.value, ...note)];
  }
  const { done, of, label } = cell;
  const bar = element('progress', { max: String(of), value: String(done), 'aria-label': label });
  return [element('span', { class: 'steps' }, bar, `${done} / ${of}`)];
}
