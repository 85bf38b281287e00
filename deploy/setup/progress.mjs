/**
 * Says what the set-up is doing and for how long, on stderr: in a terminal the running step counts its seconds on
 * one line, elsewhere each step has a line when it begins and one when it ends.
 */
export class Progress {
  /**
   * @param {NodeJS.WriteStream} stream
   * @param {{ quiet?: boolean }} options
   */
  constructor(stream, { quiet = false } = {}) {
    this.stream = stream;
    this.quiet = quiet;
    this.started = performance.now();
    this.steps = 0;
  }

  /** @param {string} text */
  say(text) {
    this.stream.write(`setup ${seconds(this.started)}  ${text}\n`);
  }

  /**
   * Runs one step that has work to do.
   * @template T
   * @param {string} title what is done, in the present tense
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async step(title, work) {
    this.steps += 1;
    const began = performance.now();
    const live = this.stream.isTTY === true;
    const show = () =>
      this.stream.write(`\r\x1b[Ksetup ${seconds(this.started)}  ${title} … ${seconds(began).trim()}`);
    if (!live) this.say(`${title} …`);
    const timer = setInterval(live ? show : () => this.say(`${title} … still running`), live ? 200 : 15_000);
    try {
      const result = await work();
      clearInterval(timer);
      if (live) this.stream.write('\r\x1b[K');
      this.say(`${title}: done in ${seconds(began).trim()}`);
      return result;
    } catch (error) {
      clearInterval(timer);
      if (live) this.stream.write('\r\x1b[K');
      this.say(`${title}: failed after ${seconds(began).trim()}`);
      throw error;
    }
  }

  /**
   * The closing line: always the one warning when numbers run without the native library.
   * @param {{ backend: 'native' | 'wasm', reason: string | null }} native
   */
  finish(native) {
    if (native.backend === 'wasm') {
      this.say(
        `WARNING: training runs on the WASM backend, several times slower, because ${native.reason}. ` +
          'Mend that, then run "npm run setup".',
      );
    }
    if (this.steps > 0 || !this.quiet) this.say(`ready (${native.backend} backend)`);
  }

  /** @param {unknown} error */
  fail(error) {
    this.say(error instanceof Error ? error.message : String(error));
  }
}

/** @param {number} since a performance.now() */
function seconds(since) {
  return `${((performance.now() - since) / 1000).toFixed(1)} s`.padStart(7);
}
