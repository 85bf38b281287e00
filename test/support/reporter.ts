import type { Runner, Suite, Test } from 'mocha';
import { reasonGiven } from './skip-because.js';

/** Tests slower than this (ms) say how long they took. */
const SLOW = 500;
/** After the last test everything must have closed within this time (ms). */
const GRACE = 30_000;

/**
 * Prints each suite and test as it ends, then what failed and what was skipped, each with its reason, and as the last
 * line, alone, `N passed, N failed` (`, N skipped` when any), which scripts read.
 * A test that cannot run here says why: `skipBecause(this, reason)` of `skip-because.ts`. Mocha asks for the default export.
 */
export default class SummaryReporter {
  private depth = 0;
  private passed = 0;
  private readonly failures: { name: string; error: Error }[] = [];
  private readonly skipped: { name: string; reason: string }[] = [];

  constructor(runner: Runner) {
    runner.on('suite', (suite: Suite) => this.begin(suite));
    runner.on('suite end', () => (this.depth -= 1));
    runner.on('pass', (test: Test) => this.pass(test));
    runner.on('fail', (test: Test, error: Error) => this.fail(test, error));
    runner.on('pending', (test: Test) => this.skip(test));
    runner.once('end', () => this.finish());
  }

  private print(line = ''): void {
    process.stdout.write(`${line === '' ? '' : '  '.repeat(Math.max(0, this.depth - 1))}${line}\n`);
  }

  private begin(suite: Suite): void {
    if (this.depth === 1) this.print();
    this.depth += 1;
    if (!suite.root) this.print(suite.title);
  }

  private pass(test: Test): void {
    this.passed += 1;
    const duration = test.duration ?? 0;
    this.print(`  ✓ ${test.title}${duration > SLOW ? ` (${(duration / 1000).toFixed(1)} s)` : ''}`);
  }

  private fail(test: Test, error: Error): void {
    this.failures.push({ name: test.fullTitle(), error });
    this.print(`  ✗ ${test.title} (failure ${this.failures.length})`);
  }

  private skip(test: Test): void {
    const reason = skipReason(test);
    this.skipped.push({ name: test.fullTitle(), reason });
    this.print(`  - ${test.title} (skipped${reason})`);
  }

  private finish(): void {
    this.depth = 0;
    this.failures.forEach(({ name, error }, index) => {
      this.print();
      this.print(`failure ${index + 1}: ${name}`);
      this.print(describe(error).replace(/^/gm, '  '));
    });
    if (this.skipped.length > 0) this.print();
    for (const { name, reason } of this.skipped) this.print(`skipped: ${name}${reason}`);
    const counts = [`${this.passed} passed`, `${this.failures.length} failed`];
    if (this.skipped.length > 0) counts.push(`${this.skipped.length} skipped`);
    this.print();
    this.print(counts.join(', '));
    // Unreferenced: it fires only when something a test left open keeps the process alive.
    setTimeout(() => this.failOpenHandles(), GRACE).unref();
  }

  /** A server that a test forgot would keep the run from ending, for ever. */
  private failOpenHandles(): void {
    const open = process.getActiveResourcesInfo().filter((resource) => resource !== 'Timeout');
    process.stderr.write(`A test left something open: ${open.join(', ')}\n`);
    process.exit(1);
  }
}

/** `: reason` as the test, or the hook of a suite around it, gave it; empty when it gave none. */
function skipReason(test: Test): string {
  for (let owner: Test | Suite | undefined = test; owner !== undefined; owner = owner.parent) {
    const reason = reasonGiven(owner);
    if (reason !== undefined) return `: ${reason}`;
  }
  return '';
}

function describe(error: Error & { actual?: unknown; expected?: unknown; showDiff?: boolean }): string {
  const lines = [error.stack ?? String(error)];
  if (error.showDiff === true) {
    lines.push(`expected: ${shorten(error.expected)}`, `actual:   ${shorten(error.actual)}`);
  }
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause)
    lines.push(`caused by ${cause.stack}`);
  return lines.join('\n');
}

/** Big tensors and maps would hide the message: the first 2,000 characters tell enough. */
function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 2000 ? `${text.slice(0, 2000)} …` : text;
}
