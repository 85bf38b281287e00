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
}

export function showOutcome(terminal: Terminal, outcome: Outcome, json: boolean): void {
  terminal.out(json ? `${JSON.stringify(outcome.document)}\n` : `${outcome.text}\n`);
}
