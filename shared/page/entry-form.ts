import { byId } from './element.js';

/** A form through which people come in: it shows itself, takes values, and says why they were refused. */
export class EntryForm {
  readonly #form: HTMLFormElement;
  readonly #inputs: readonly HTMLInputElement[];
  readonly #error: HTMLElement;

  /**
   * @param id of the form; its error has the id `ID-error`
   * @param inputs ids of its inputs; the first takes the focus
   * @param onSubmit given their values; what it throws is shown
   */
  constructor(id: string, inputs: readonly string[], onSubmit: (values: string[]) => Promise<void>) {
    this.#form = byId<HTMLFormElement>(id);
    this.#inputs = inputs.map((input) => byId<HTMLInputElement>(input));
    this.#error = byId(`${id}-error`);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      onSubmit(this.#inputs.map(({ value }) => value)).then(
        () => this.#inputs.forEach((input) => (input.value = '')),
        (error: unknown) => this.refuse(error instanceof Error ? error.message : String(error)),
      );
    });
  }

  show(): void {
    this.#form.hidden = false;
    this.refuse(null);
    this.#inputs[0]?.focus();
  }

  hide(): void {
    this.#form.hidden = true;
  }

  /** Says why; null takes it back. */
  refuse(reason: string | null): void {
    this.#error.hidden = reason === null;
    this.#error.textContent = reason ?? '';
    for (const input of this.#inputs) input.setAttribute('aria-invalid', String(reason !== null));
  }
}
