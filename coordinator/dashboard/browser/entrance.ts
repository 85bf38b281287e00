import { takeFromAddress } from './page/address-fragment.js';
import { byId } from './page/element.js';
import { EntryForm } from './page/entry-form.js';
import { choosePassword, signIn, signOut, whoIsSignedIn, type Person } from './person.js';
import type { Credential } from './requests.js';
import { forgetToken, keepToken, takeToken } from './session-token.js';

/** Called with what the coordinator is to be shown, and who signed in, null for a holder of the viewer token. */
type OnOpen = (credential: Credential, person: Person | null) => void;

/** The ways in: an invitation in the address, a viewer token, a session of this browser, or the sign-in form. */
export class Entrance {
  readonly #onOpen: OnOpen;
  readonly #login: EntryForm;
  readonly #token: EntryForm;
  readonly #welcome: EntryForm;
  #invitation = '';

  constructor(onOpen: OnOpen) {
    this.#onOpen = onOpen;
    this.#login = new EntryForm('login', ['person', 'password'], async ([name = '', password = '']) => {
      this.#open(null, await signIn(name.trim(), password));
    });
    this.#token = new EntryForm('token-login', ['token'], ([token = '']) => {
      keepToken(token.trim());
      this.#open(token.trim(), null);
      return Promise.resolve();
    });
    this.#welcome = new EntryForm('welcome', ['new-password', 'again'], async ([password = '', again]) => {
      if (password !== again) throw new Error('The two are not the same.');
      const name = await choosePassword(this.#invitation, password);
      this.#open(null, await signIn(name, password));
    });
  }

  /** Takes the first way that is open. */
  async enter(): Promise<void> {
    const invitation = takeFromAddress('welcome');
    if (invitation !== null) {
      this.#invitation = invitation;
      this.#welcome.show();
      return;
    }
    const token = takeToken();
    if (token !== null) return this.#open(token, null);
    const person = await whoIsSignedIn().catch(() => null);
    if (person === null) this.#show(null, 'person');
    else this.#open(null, person);
  }

  /** Ends whatever was open. @param reason why, when the coordinator ended it */
  async leave(credential: Credential, reason: string | null): Promise<void> {
    const hadToken = credential !== null;
    forgetToken();
    // Whoever the coordinator shut out has no session left to end.
    if (!hadToken && reason === null) await signOut().catch(() => undefined);
    this.#show(reason, hadToken && reason !== null ? 'token' : 'person');
  }

  #open(credential: Credential, person: Person | null): void {
    for (const form of [this.#login, this.#token, this.#welcome]) form.hide();
    byId('entrance').hidden = true;
    this.#onOpen(credential, person);
  }

  #show(reason: string | null, way: 'person' | 'token'): void {
    byId('entrance').hidden = false;
    byId<HTMLDetailsElement>('token-way').open = way === 'token';
    const [shown, other] = way === 'token' ? [this.#token, this.#login] : [this.#login, this.#token];
    other.show();
    shown.show();
    shown.refuse(reason);
  }
}
