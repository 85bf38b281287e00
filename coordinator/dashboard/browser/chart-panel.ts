import type { Chart, ChartFrame } from '../charts/chart.js';
import { DARK_THEME, LIGHT_THEME } from '../view/page/chart-theme.js';
import type { ChartText } from '../view/chart-texts.js';
import { element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import type { ECharts } from './vendor/echarts.js';

const darkness = matchMedia('(prefers-color-scheme: dark)');

/** What a panel shows now: how to draw it in a frame, and the same in words and numbers. */
export interface PanelContent {
  draw(frame: ChartFrame): Chart;
  readonly text: ChartText;
}

/** A chart, its text alternative, and its numbers as a table. Drawn anew on new content, width or colour scheme. */
export class ChartPanel {
  readonly #canvas = element('div', { class: 'canvas', role: 'img' });
  readonly #empty = element('p', { class: 'empty' });
  readonly #details = element('details', {}, element('summary', {}, 'Numbers as a table'));
  readonly #table: LiveTable;
  #content: PanelContent | null = null;
  #instance: ECharts | null = null;
  #shape = '';
  #drawing = false;

  constructor(figure: HTMLElement, caption: string) {
    const scroll = element('div', { class: 'scroll', role: 'region', 'aria-label': caption, tabindex: '0' });
    this.#table = new LiveTable(scroll, caption);
    this.#details.append(scroll);
    figure.append(this.#empty, this.#canvas, this.#details);
    new ResizeObserver(() => this.#requestDraw()).observe(this.#canvas);
    darkness.addEventListener('change', () => this.#requestDraw());
  }

  show(content: PanelContent): void {
    this.#content = content;
    const { sentence, columns, rows } = content.text;
    const empty = rows.length === 0 || columns.length === 1;
    this.#empty.hidden = !empty;
    this.#canvas.hidden = empty;
    this.#details.hidden = empty;
    setText(this.#empty, sentence);
    this.#canvas.setAttribute('aria-label', sentence);
    this.#table.update(
      columns.map((heading, index) => ({ heading, numeric: index > 0 })),
      rows.map((cells, index) => ({ key: String(index), cells })),
    );
    if (!empty) this.#requestDraw();
  }

  #requestDraw(): void {
    if (this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => {
      void this.#draw().finally(() => {
        this.#drawing = false;
      });
    });
  }

  async #draw(): Promise<void> {
    const { init } = await import('./vendor/echarts.js'); // 1.1 MB: the tables do not wait for it
    const width = this.#canvas.clientWidth;
    if (this.#content === null || width === 0) return;
    const { option, height } = this.#content.draw({
      width,
      theme: darkness.matches ? DARK_THEME : LIGHT_THEME,
    });
    this.#canvas.style.height = `${height}px`;
    this.#instance ??= init(this.#canvas, null, { renderer: 'canvas', width, height });
    this.#instance.resize({ width, height });
    // Merging keeps an open tooltip and the legend's choice; another set of lines starts from nothing.
    const shape = shapeOf(option);
    this.#instance.setOption(option, { notMerge: shape !== this.#shape });
    this.#shape = shape;
  }
}

function shapeOf(option: Chart['option']): string {
  const series = Array.isArray(option.series) ? option.series : [option.series];
  return JSON.stringify([
    series.map((entry) => entry?.name),
    Array.isArray(option.grid) ? option.grid.length : 1,
  ]);
}
