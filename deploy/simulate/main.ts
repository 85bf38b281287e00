import { SingleBar } from 'cli-progress';
import { relative } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { textTable } from '../demo/text-table.js';
import { HELP, readOptions } from './options.js';
import { resultTable } from './results/results-table.js';
import { simulate, type SimulationEnd, type Watcher } from './simulate.js';

/** `npm run simulate`: options, progress, and what is printed. */
async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readOptions(args);
    if (options === null) {
      process.stdout.write(HELP);
      return 0;
    }
    const progress = new Progress(process.stderr);
    const end = await simulate(options, progress).finally(() => progress.stop());
    process.stdout.write(options.json ? `${JSON.stringify(end.results)}\n` : closingWords(end));
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof FederationError ? error.line : String(error)}\n`);
    return error instanceof FederationError ? error.entry.exit : 70;
  }
}

/** Lines above a bar; without a terminal the lines alone. */
class Progress implements Watcher {
  readonly #stream: NodeJS.WriteStream;
  readonly #bar: SingleBar;

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream;
    this.#bar = new SingleBar({
      format: 'steps {bar} {value}/{total}, {eta_formatted} left',
      stream,
      clearOnComplete: true,
      hideCursor: true,
    });
  }

  say(line: string): void {
    if (this.#bar.isActive) this.#stream.write('\r\x1b[K');
    this.#stream.write(`${line}\n`);
  }

  onProgress(done: number, total: number): void {
    if (!this.#stream.isTTY) return;
    if (this.#bar.isActive) this.#bar.update(done);
    else this.#bar.start(total, done);
  }

  stop(): void {
    this.#bar.stop();
  }
}

function closingWords({ results, out, pictures }: SimulationEnd): string {
  const { head, body } = resultTable(results.rows, results.classes, results.swept);
  const files = ['results.json', 'results.csv', ...pictures, 'tensorboard/'];
  return `${textTable(head, body)}\n\n${relative(process.cwd(), out) || '.'}: ${files.join(', ')}\n`;
}

process.exitCode = await main(process.argv.slice(2));
