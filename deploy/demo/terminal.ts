/** Where the demo prints: what happens to stdout, with the seconds since it began. */
export class Terminal {
  private readonly began = performance.now();

  constructor(readonly stream: NodeJS.WriteStream = process.stdout) {}

  get isInteractive(): boolean {
    return this.stream.isTTY;
  }

  get seconds(): number {
    return (performance.now() - this.began) / 1000;
  }

  /** A line about what the demo itself does. */
  note(text: string): string {
    return `demo ${this.seconds.toFixed(1).padStart(6)} s  ${text}`;
  }
}
