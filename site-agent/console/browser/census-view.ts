import { CENSUS_NAMES, classRows, splitRows } from '../view/census-tables.js';
import type { CensusReply } from '../messages.js';
import { formatTime } from '../view/format.js';
import { formatCount } from '../view/page/numbers.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import { getJson } from './requests.js';
import type { View } from './view.js';

/** What the films are, with every count, and what of it the consortium is told. */
export class CensusView implements View {
  readonly #classes = new LiveTable(byId('census-classes'), 'Films by class');
  readonly #tables = new LiveTable(byId('census-tables'), 'Films by view, sex, age, size and grey');
  readonly #choice = byId<HTMLSelectElement>('census-choice');
  #reply: CensusReply | null = null;

  constructor() {
    this.#choice.addEventListener('change', () => this.#draw());
  }

  async show(): Promise<void> {
    this.#reply = await getJson<CensusReply>('census');
    const { studies } = this.#reply;
    const chosen = this.#choice.value;
    this.#choice.replaceChildren(
      element('option', { value: '' }, 'Every count, which stays here'),
      ...studies.map(({ study }) => element('option', { value: study }, `What leaves for ${study}`)),
    );
    this.#choice.value = studies.some(({ study }) => study === chosen) ? chosen : '';
    this.#draw();
  }

  #draw(): void {
    if (this.#reply === null) return;
    const { whole, shared, studies } = this.#reply;
    const study = studies.find((entry) => entry.study === this.#choice.value);
    const census = study === undefined ? whole : study.census;
    const sent =
      study === undefined
        ? 'Nothing on this page leaves the site; choose a study to see what does.'
        : census === null
          ? `Nothing: policy.json does not have "census": { "share": true }.`
          : `Counts of films of fewer than ${census.suppressBelow} patients are withheld (<). ${study.lastSentAt === null ? 'Not sent yet.' : `Sent last at ${formatTime(study.lastSentAt)} on ${study.lastSentAt.slice(0, 10)}.`}`;
    setText(byId('census-note'), sent);
    setText(
      byId('census-policy'),
      shared ? 'The policy shares the census.' : 'The policy keeps the census here.',
    );
    for (const id of ['census-classes', 'census-tables']) byId(id).hidden = census === null;
    if (census === null) return;
    setText(
      byId('census-films'),
      `${formatCount(census.train.films)} training films, ${formatCount(census.val.films)} held out`,
    );
    const number = (heading: string) => ({ heading, numeric: true });
    this.#classes.update([{ heading: 'Class' }, ...CENSUS_NAMES.classes.map(number)], classRows(census));
    this.#tables.update(
      [{ heading: 'Films by' }, { heading: 'Training' }, { heading: 'Held out' }],
      splitRows(census),
    );
  }
}
