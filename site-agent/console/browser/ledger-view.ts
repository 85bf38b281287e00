import type { LedgerReply } from '../messages.js';
import { LEDGER_COLUMNS, ledgerRows, ledgerTotal } from '../view/ledger-rows.js';
import { byId, element, setText } from './page/element.js';
import { LiveTable } from './page/live-table.js';
import { getJson } from './requests.js';
import type { View } from './view.js';

const EVERY_MS = 3000;

/** What left the site, today or on an earlier day. */
export class LedgerView implements View {
  readonly #table = new LiveTable(byId('ledger-table'), 'What left this site');
  readonly #day = byId<HTMLSelectElement>('ledger-day');
  readonly #onError: (error: unknown) => void;
  #timer: number | undefined;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
    this.#day.addEventListener('change', () => void this.#ask().catch(onError));
  }

  async show(): Promise<void> {
    await this.#ask();
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#ask().catch(this.#onError), EVERY_MS);
  }

  hide(): void {
    clearInterval(this.#timer);
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
