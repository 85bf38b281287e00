import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import {
  CENSUS_SPLITS,
  CENSUS_TABLE_NAMES,
  censusClassRows,
  censusSiteRows,
  silentSites,
  type CensusSplit,
} from '../view/census-rows.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';

/** What films the sites have: by class and supervision, by view, sex, age, size and grey, and what does not fit together. */
export class CensusPanel {
  /** Made when there is something to show: an empty table has nothing to be named by. */
  #tables: { readonly classes: LiveTable; readonly sites: LiveTable } | null = null;
  #split: CensusSplit = 'train';
  #census: ConsortiumCensus | null = null;
  #warnings = '';

  constructor() {
    byId('census-split').append(
      ...(Object.keys(CENSUS_SPLITS) as CensusSplit[]).map((split) => this.#choice(split)),
    );
  }

  /** @param census of the shown study; null before it came */
  show(census: ConsortiumCensus | null): void {
    this.#census = census;
    const told = census?.sites.some((site) => site.census !== null) === true;
    byId('census').hidden = census === null;
    for (const id of ['census-classes', 'census-sites', 'census-split', 'census-legend'])
      byId(id).hidden = !told;
    if (census === null) return;
    const silent = silentSites(census);
    byId('census-silent').hidden = silent === null;
    setText(byId('census-silent'), silent ?? '');
    this.#showWarnings(census.warnings.map(({ text }) => text));
    if (!told) return;
    this.#tables ??= {
      classes: new LiveTable(byId('census-classes'), 'Films by class and site'),
      sites: new LiveTable(byId('census-sites'), 'Films by site'),
    };
    this.#tables.classes.update(
      [{ heading: 'Class' }, ...census.sites.map(({ site }) => ({ heading: site }))],
      censusClassRows(census, this.#split).map((row) => ({
        key: row.class,
        cells: [row.class, ...row.cells],
      })),
    );
    this.#tables.sites.update(
      [
        { heading: 'Site' },
        { heading: 'Films', numeric: true },
        ...Object.values(CENSUS_TABLE_NAMES).map((heading) => ({ heading })),
      ],
      censusSiteRows(census, this.#split).map(({ site, films, tables }) => ({
        key: site,
        cells: [site, films, ...tables.map((lines) => ({ lines }))],
      })),
    );
  }

  #showWarnings(texts: readonly string[]): void {
    const list = byId('census-warnings');
    list.hidden = texts.length === 0;
    const content = texts.join('\n');
    if (content === this.#warnings) return;
    this.#warnings = content;
    list.replaceChildren(...texts.map((text) => element('li', {}, text)));
  }

  #choice(split: CensusSplit): HTMLElement {
    const radio = element('input', { type: 'radio', name: 'census-split', value: split });
    radio.checked = split === this.#split;
    radio.addEventListener('change', () => {
      this.#split = split;
      this.show(this.#census);
    });
    return element('label', {}, radio, CENSUS_SPLITS[split]);
  }
}
