import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { apByClass } from '../charts/ap-by-class.js';
import { AP_LABELS, type ApMeasure } from '../charts/ap-lines.js';
import { bytesByRound } from '../charts/bytes-by-round.js';
import { lossCurves } from '../charts/loss-curves.js';
import { lossText, precisionText, trafficText } from '../view/chart-texts.js';
import { CensusPanel } from './census-panel.js';
import { ChartPanel } from './chart-panel.js';
import { byId, element } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import { showRounds } from './rounds-table.js';
import { ScoresPanel } from './scores-panel.js';
import { showSites } from './sites-table.js';
import { showStudyHead } from './study-head.js';

/** Everything that is shown of one study. */
export class StudyView {
  readonly #sites = new LiveTable(byId('sites'), 'Sites of the study');
  readonly #census = new CensusPanel();
  readonly #scores = new ScoresPanel();
  readonly #rounds = new LiveTable(byId('rounds'), 'Rounds of the study, the latest first');
  readonly #precision = new ChartPanel(byId('precision-chart'), 'Average precision by class and round');
  readonly #losses = new ChartPanel(byId('loss-chart'), 'Last loss by term and site');
  readonly #traffic = new ChartPanel(byId('traffic-chart'), 'Bytes by round');
  #measure: ApMeasure = 'ap40';
  #status: StudyStatus | null = null;

  constructor() {
    byId('measure').append(
      ...(Object.keys(AP_LABELS) as ApMeasure[]).map((measure) => this.#choice(measure)),
    );
  }

  show(status: StudyStatus, census: ConsortiumCensus | null): void {
    this.#status = status;
    showStudyHead(status);
    showSites(this.#sites, status);
    showRounds(this.#rounds, status);
    this.#census.show(census);
    this.#scores.show(status.crossSite);
    this.#showPrecision(status);
    this.#losses.show({ text: lossText(status), draw: (frame) => lossCurves(status, frame) });
    this.#traffic.show({ text: trafficText(status), draw: (frame) => bytesByRound(status, frame) });
  }

  #showPrecision(status: StudyStatus): void {
    const measure = this.#measure;
    this.#precision.show({
      text: precisionText(status, measure),
      draw: (frame) => apByClass(status, measure, frame),
    });
  }

  #choice(measure: ApMeasure): HTMLElement {
    const radio = element('input', { type: 'radio', name: 'measure', value: measure });
    radio.checked = measure === this.#measure;
    radio.addEventListener('change', () => {
      this.#measure = measure;
      if (this.#status !== null) this.#showPrecision(this.#status);
    });
    return element('label', {}, radio, AP_LABELS[measure]);
  }
}
