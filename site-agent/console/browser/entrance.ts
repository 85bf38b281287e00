import type { SiteReply } from '../messages.js';
import { takeFromAddress } from './page/address-fragment.js';
import { byId } from './page/element.js';
import { EntryForm } from './page/entry-form.js';
import { getJson, hasKey, keepKey, postJson } from './requests.js';

/** The ways in: the link that the start printed, a session of this browser, or the password. */
export class Entrance {
  readonly #form: EntryForm;
  readonly #onOpen: (site: SiteReply) => void;

  constructor(onOpen: (site: SiteReply) => void) {
    this.#onOpen = onOpen;
    this.#form = new EntryForm('login', ['password'], async ([password = '']) => {
      await this.#come('sign-in', { password });
    });
  }

  /** Takes the first way that is open. */
  async enter(): Promise<void> {
    const entry = takeFromAddress('entry');
    try {
      if (entry !== null) return await this.#come('enter', { entry });
      if (hasKey()) return this.#open(await getJson<SiteReply>('site'));
      this.show(null);
    } catch (error) {
      this.show(entry === null ? null : String((error as Error).message));
    }
  }

  async leave(): Promise<void> {
    await postJson('sign-out').catch(() => undefined);
    this.show(null);
  }

  /** @param reason why, when the console shut the reader out */
  show(reason: string | null): void {
    keepKey(null);
    byId('console').hidden = true;
    byId('entrance').hidden = false;
    this.#form.show();
    this.#form.refuse(reason);
  }

  async #come(way: 'enter' | 'sign-in', secret: object): Promise<void> {
    const { key } = await postJson<{ key: string }>(way, secret);
    keepKey(key);
    this.#open(await getJson<SiteReply>('site'));
  }

  #open(site: SiteReply): void {
    this.#form.hide();
    byId('entrance').hidden = true;
    byId('console').hidden = false;
    this.#onOpen(site);
  }
}
