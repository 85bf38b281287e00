/** Does a thing at once when a view is shown, and again and again until it is hidden. */
export class WhileShown {
  readonly #task: () => Promise<void>;
  readonly #everyMs: number;
  readonly #onError: (error: unknown) => void;
  #isShown = false;
  #timer: number | undefined;

  /** @param onError told of what goes wrong after the first time */
  constructor(task: () => Promise<void>, everyMs: number, onError: (error: unknown) => void) {
    this.#task = task;
    this.#everyMs = everyMs;
    this.#onError = onError;
  }

  /** @throws what goes wrong the first time */
  async show(): Promise<void> {
    this.#isShown = true;
    await this.#task();
    if (!this.#isShown) return; // left before the first answer came
    clearInterval(this.#timer);
    this.#timer = setInterval(() => void this.#task().catch(this.#onError), this.#everyMs);
  }

  hide(): void {
    this.#isShown = false;
    clearInterval(this.#timer);
  }
}
