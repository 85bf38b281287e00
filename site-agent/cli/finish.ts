import { showOutcome, type Outcome, type Terminal } from './terminal.js';

export interface JsonFlag {
  readonly json?: boolean;
}

/** Runs the command and prints what it ends with. */
export function finish<O>(terminal: Terminal, command: (options: O) => Promise<Outcome>) {
  return async (options: O & JsonFlag): Promise<void> =>
    showOutcome(terminal, await command(options), options.json === true);
}
