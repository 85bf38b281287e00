import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Scripts and stored vectors lie in test/vectors; compiled tests in test/dist/shared. */
const VECTORS = new URL('../../vectors/', import.meta.url);

/** The Python to ask: one with the packages a script needs may be named in FEDOXNET_PYTHON. */
export const PYTHON = process.env['FEDOXNET_PYTHON'] ?? 'python3';

export function vectorPath(name: string): string {
  return fileURLToPath(new URL(name, VECTORS));
}

export function readVector(name: string): unknown {
  return JSON.parse(readFileSync(vectorPath(name), 'utf8'));
}

/** @returns why a script cannot run here, or null when Python and all its modules are there */
export function whyNoPython(modules: readonly string[]): string | null {
  const probe = spawnSync(PYTHON, ['-c', `import ${modules.join(', ')}`], { encoding: 'utf8' });
  if (probe.error !== undefined) return `${PYTHON} does not start: ${probe.error.message}`;
  if (probe.status === 0) return null;
  return probe.stderr.trim().split('\n').at(-1) ?? `${PYTHON} cannot import its modules`;
}

/** Runs test/vectors/`script` with `command`; `input` goes in as JSON, what it prints comes back parsed. */
export function askPython(script: string, command: string, input?: unknown): unknown {
  const path = vectorPath(script);
  if (!existsSync(path)) throw new Error(`${path} is missing`);
  const run = spawnSync(PYTHON, [path, command], {
    encoding: 'utf8',
    input: JSON.stringify(input ?? null),
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) throw new Error(`${script} ${command} failed: ${run.stderr}`);
  return JSON.parse(run.stdout);
}
