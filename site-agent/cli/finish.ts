import type { FederationError } from '@fedoxnet/shared/errors';
import { showOutcome, type Outcome, type Terminal } from './terminal.js';

/** A command that printed its result, and what is wrong by it. */
export class CommandFailed extends Error {
  constructor(readonly failure: FederationError) {
    super(failure.message);
  }
}

export interface JsonFlag {
  readonly json?: boolean;
}

/** Runs the command and prints what it ends with. */
export function finish<O>(terminal: Terminal, command: (options: O) => Promise<Outcome>) {
  return async (options: O & JsonFlag): Promise<void> => {
    const outcome = await command(options);
    showOutcome(terminal, outcome, options.json === true);
    if (outcome.failure !== undefined) throw new CommandFailed(outcome.failure);
  };
}
