import { byId } from './element.js';

/** The form that asks for the viewer token. */
export class LoginForm {
  readonly #form = byId<HTMLFormElement>('login');
  readonly #input = byId<HTMLInputElement>('token');
  readonly #error = byId('login-error');

  constructor(onToken: (token: string) => void) {
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      const token = this.#input.value.trim();
      this.#input.value = '';
      if (token !== '') onToken(token);
    });
  }

  /** Shows the form, with why the last token was refused when one was. */
  show(refusal: string | null): void {
    this.#error.hidden = refusal === null;
    this.#error.textContent = refusal ?? '';
    this.#input.setAttribute('aria-invalid', String(refusal !== null));
    this.#form.hidden = false;
    this.#input.focus();
  }

  hide(): void {
    this.#form.hidden = true;
  }
}
