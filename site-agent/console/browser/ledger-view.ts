import type { LedgerReply } from '../messages.js';
import { LEDGER_COLUMNS, ledgerRows, ledgerTotal } from '../view/ledger-rows.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import { getJson } from './requests.js';
import type { View } from './view.js';
import { WhileShown } from './while-shown.js';

const EVERY_MS = 3000;

/** What left the site, today or on an earlier day. */
export class LedgerView implements View {
  readonly #table = new LiveTable(byId('ledger-table'), 'What left this site');
  readonly #day = byId<HTMLSelectElement>('ledger-day');
  readonly #asking: WhileShown;

  constructor(onError: (error: unknown) => void) {
    this.#asking = new WhileShown(() => this.#ask(), EVERY_MS, onError);
    this.#day.addEventListener('change', () => void this.#ask().catch(onError));
  }

  show(): Promise<void> {
    return this.#asking.show();
  }

  hide(): void {
    this.#asking.hide();
  }

  async #ask(): Promise<void> {
    const chosen = this.#day.value;
    const query = chosen === '' ? '' : `?day=${chosen}`;
    const reply = await getJson<LedgerReply>(`ledger${query}`);
    const { day, days, today, rows } = reply;
    const all = [today, ...days.filter((other) => other !== today)];
    if (all.join() !== [...this.#day.options].map(({ value }) => value).join()) {
      this.#day.replaceChildren(
        ...all.map((value) => element('option', { value }, value === today ? `Today, ${value}` : value)),
      );
    }
    this.#day.value = day;
    setText(byId('ledger-total'), ledgerTotal(reply));
    byId('ledger-table').hidden = rows.length === 0;
    this.#table.update(LEDGER_COLUMNS, ledgerRows(reply));
  }
}
