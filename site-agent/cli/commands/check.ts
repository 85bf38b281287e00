import { resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { allChecks, type CheckPlace } from '../../check/all-checks.js';
import type { CheckLine } from '../../check/check.js';
import { runChecks } from '../../check/run-checks.js';
import { withProgressBar, type OnProgress } from '../long-work.js';
import type { Outcome } from '../terminal.js';

export interface CheckOptions extends Pick<CheckPlace, 'backend'> {
  readonly home?: string;
  readonly data?: string;
  readonly coordinator?: string;
  readonly threads?: number;
  readonly only?: readonly string[];
  /** Folder or .zip with films as they came: their header values are searched for. */
  readonly privacy?: string;
  /** What is searched for them besides home and data. */
  readonly also?: readonly string[];
  /** At most so many films' values. */
  readonly films: number;
}

/** Says of everything the agent needs whether it is there, and how to mend what is not. */
export async function check(options: CheckOptions): Promise<Outcome> {
  const lines = await withProgressBar('files searched', (onProgress) => checkLines(options, onProgress));
  const wrong = lines.filter(({ state }) => state === 'failed');
  const names = wrong.map(({ name }) => name).join(', ');
  return {
    document: { ok: wrong.length === 0, checks: lines },
    text: [...lines.flatMap(lineText), summary(lines, wrong.length)].join('\n'),
    ...(wrong.length > 0 && {
      failure: new FederationError(
        'CHECK_FAILED',
        `${wrong.length} of ${lines.length} checks failed: ${names}.`,
      ),
    }),
  };
}

async function checkLines(options: CheckOptions, onProgress: OnProgress): Promise<CheckLine[]> {
  const path = (text: string | undefined) => (text === undefined ? null : resolve(text));
  const { backend, threads, only, coordinator, privacy, also = [], films } = options;
  const searched = [options.data, options.home, ...also].flatMap((text) => path(text) ?? []);
  const all = await allChecks({
    home: path(options.home),
    data: path(options.data),
    coordinator: coordinator?.replace(/\/$/, '') ?? null,
    backend,
    ...(threads !== undefined && { threads }),
    ...(privacy !== undefined && { privacy: { source: resolve(privacy), searched, films, onProgress } }),
  });
  const isMeant = (wanted: string) => (entry: { readonly name: string }) =>
    entry.name === wanted || entry.name.startsWith(`${wanted}-`);
  const stranger = only?.find((wanted) => !all.some(isMeant(wanted)));
  if (stranger !== undefined) {
    const names = all.map(({ name }) => name).join(', ');
    throw new FederationError('USAGE', `There is no check ${stranger}; there are ${names}.`);
  }
  return runChecks(all.filter((entry) => only?.some((wanted) => isMeant(wanted)(entry)) ?? true));
}

function lineText(line: CheckLine): string[] {
  const text = `${line.state.padEnd(8)} ${line.title}: ${line.says}`;
  return line.state === 'failed' ? [text, `         fix: ${line.fix}`] : [text];
}

function summary(lines: readonly CheckLine[], wrong: number): string {
  const skipped = lines.filter(({ state }) => state === 'skipped').length;
  return `${lines.length - wrong - skipped} passed, ${wrong} failed, ${skipped} skipped`;
}
