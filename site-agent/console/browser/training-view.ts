import type { TrainingReply } from '../messages.js';
import { formatTime } from '../view/format.js';
import { lossChart, lossTerms } from '../view/loss-chart.js';
import { lossLabel } from '../view/page/loss-terms.js';
import { formatLoss } from '../view/page/numbers.js';
import { ROUND_COLUMNS, roundRows, trainingFigures } from '../view/training-rows.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import { getJson } from './requests.js';
import type { ECharts } from './vendor/echarts.js';
import type { View } from './view.js';
import { WhileShown } from './while-shown.js';

const EVERY_MS = 1000;

/** The agent at work: round, step, loss by term, films per second. */
export class TrainingView implements View {
  readonly #rounds = new LiveTable(byId('round-table'), 'Rounds since the agent started');
  readonly #losses = new LiveTable(byId('loss-table'), 'Loss by term');
  readonly #chart = byId('loss-chart');
  readonly #asking: WhileShown;
  #echarts: ECharts | null = null;
  #terms = '';
  #reply: TrainingReply | null = null;

  constructor(onError: (error: unknown) => void) {
    this.#asking = new WhileShown(() => this.#ask(), EVERY_MS, onError);
    new ResizeObserver(() => void this.#draw()).observe(this.#chart);
  }

  show(): Promise<void> {
    return this.#asking.show();
  }

  hide(): void {
    this.#asking.hide();
  }

  async #ask(): Promise<void> {
    const reply = await getJson<TrainingReply | null>('training');
    this.#reply = reply;
    byId('training-none').hidden = reply !== null;
    byId('training-now').hidden = reply === null;
    if (reply === null) return;
    byId('training-figures').replaceChildren(
      ...trainingFigures(reply).map(({ name, value, note }) =>
        element('div', {}, element('dt', {}, name), element('dd', {}, value), element('dd', {}, note)),
      ),
    );
    this.#rounds.update(ROUND_COLUMNS, roundRows(reply));
    byId('round-table').hidden = reply.rounds.length === 0;
    byId('rounds-none').hidden = reply.rounds.length > 0;
    byId('event-list').replaceChildren(
      ...reply.events.map(({ at, text }) =>
        element('li', {}, element('time', { datetime: at }, formatTime(at)), ` ${text}`),
      ),
    );
    await this.#draw();
  }

  async #draw(): Promise<void> {
    const { curve = [], progress = null } = this.#reply ?? {};
    const last = curve.at(-1);
    this.#chart.hidden = last === undefined;
    byId('loss-none').hidden = last !== undefined;
    byId('loss-table').hidden = last === undefined;
    const width = this.#chart.clientWidth;
    if (last === undefined || width === 0) return;
    const { init } = await import('./vendor/echarts.js'); // 1.1 MB: nobody else waits for it
    const height = this.#chart.clientHeight;
    this.#echarts ??= init(this.#chart, null, { renderer: 'canvas', width, height });
    this.#echarts.resize({ width, height });
    const steps = progress?.phase === 'train' ? progress.steps : last.step;
    const terms = lossTerms(curve);
    this.#echarts.setOption(lossChart(curve, steps), { notMerge: terms.join() !== this.#terms });
    this.#terms = terms.join();
    const latest = terms.flatMap((term) => {
      const loss = curve.findLast(({ losses }) => losses[term] !== undefined)?.losses[term];
      return loss === undefined ? [] : [{ term, loss }];
    });
    const said = latest.map(({ term, loss }) => `${lossLabel(term)} ${formatLoss(loss)}`).join(', ');
    this.#chart.setAttribute('aria-label', `Loss by term at step ${last.step}: ${said}`);
    this.#losses.update(
      [{ heading: 'Term' }, { heading: 'Now', numeric: true }],
      latest.map(({ term, loss }) => ({ key: term, cells: [lossLabel(term), formatLoss(loss)] })),
    );
    setText(byId('loss-step'), `Step ${last.step} of ${steps}`);
  }
}
