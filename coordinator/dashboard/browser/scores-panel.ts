import type { CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import { SCORE_MEASURES, scoreRows, scoresLegend, type ScoreMeasure } from '../view/score-rows.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';

/** How the latest release does in each class at each site. */
export class ScoresPanel {
  /** Made when there is something to show: an empty table has nothing to be named by. */
  #table: LiveTable | null = null;
  #measure: ScoreMeasure = 'ap40';
  #scores: CrossSite | null = null;

  constructor() {
    byId('scores-measure').append(
      ...(Object.keys(SCORE_MEASURES) as ScoreMeasure[]).map((measure) => this.#choice(measure)),
    );
  }

  /** @param scores of the shown study; null before a release is scored */
  show(scores: CrossSite | null): void {
    this.#scores = scores;
    byId('scores').hidden = scores === null;
    if (scores === null) return;
    setText(byId('scores-legend'), scoresLegend(scores, this.#measure));
    this.#table ??= new LiveTable(byId('scores-table'), 'Scores by class and site');
    this.#table.update(
      [
        { heading: 'Class' },
        ...scores.sites.map(({ site }) => ({ heading: site, numeric: true })),
        { heading: 'All sites', numeric: true },
      ],
      scoreRows(scores, this.#measure).map((row, index) => ({
        // A class may be called as the row of means is.
        key: String(index),
        cells: [row.class, ...row.cells],
      })),
    );
  }

  #choice(measure: ScoreMeasure): HTMLElement {
    const radio = element('input', { type: 'radio', name: 'scores-measure', value: measure });
    radio.checked = measure === this.#measure;
    radio.addEventListener('change', () => {
      this.#measure = measure;
      this.show(this.#scores);
    });
    return element('label', {}, radio, SCORE_MEASURES[measure]);
  }
}
