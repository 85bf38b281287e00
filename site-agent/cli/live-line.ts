import type { Terminal } from './terminal.js';

/** One line at the bottom that is rewritten in place; other lines are printed above it. */
export class LiveLine {
  private current = '';

  constructor(private readonly terminal: Terminal) {}

  set(text: string): void {
    this.current = text;
    this.terminal.out(`\r\u001b[K${text}`);
  }

  print(text: string): void {
    this.terminal.out(`\r\u001b[K${text}\n${this.current}`);
  }

  close(): void {
    if (this.current !== '') this.terminal.out('\n');
    this.current = '';
  }
}
