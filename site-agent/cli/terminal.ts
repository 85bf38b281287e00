import type { FederationError } from '@fedoxnet/shared/errors';

/** Where a command prints. With --json stdout carries JSON alone; everything else goes to stderr. */
export interface Terminal {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** A person watches stdout. */
  readonly isTerminal: boolean;
}

/** What a command ends with: the document for --json and the same for a person. */
export interface Outcome {
  readonly document: unknown;
  readonly text: string;
  /** What the command found wrong, where finding it was its task: it is printed after the result and gives the exit status. */
  readonly failure?: FederationError;
}

export function showOutcome(terminal: Terminal, outcome: Outcome, json: boolean): void {
  terminal.out(json ? `${JSON.stringify(outcome.document)}\n` : `${outcome.text}\n`);
}
