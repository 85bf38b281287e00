/** One measurement that `npm run bench -- NAME …` makes. */
export interface Bench {
  readonly name: string;
  /** One line for the list of benches. */
  readonly summary: string;
  /**
   * Parses its own arguments, shows progress and tables on stderr and returns what it measured, which is printed as one
   * JSON line on stdout.
   * @throws {FederationError} `USAGE` for arguments it does not know
   */
  run(args: readonly string[]): Promise<Readonly<Record<string, unknown>>>;
}
