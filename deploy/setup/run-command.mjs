import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that ended badly, with the end of what it printed. */
export class CommandFailed extends Error {
  /**
   * @param {string} program
   * @param {string} how
   * @param {string} output
   */
  constructor(program, how, output) {
    super(`${program} ${how}${output === '' ? '' : `: ${lastLine(output)}`}`);
    this.output = output;
  }
}

/**
 * Runs a program to its end and returns its standard output.
 * @param {string} program
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limitSeconds?: number }} options
 * @returns {Promise<string>}
 * @throws {CommandFailed} when it cannot start, exits with another status than 0 or runs past its limit
 */
export function runCommand(program, args, { cwd, env, limitSeconds = 1800 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let all = '';
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill('SIGKILL');
    }, limitSeconds * 1000);
    child.stdout.on('data', (data) => {
      stdout += data;
      all += data;
    });
    child.stderr.on('data', (data) => (all += data));
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(new CommandFailed(program, 'could not be started', error.message));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(stdout);
      const how = late ? `took more than ${limitSeconds} s` : `ended with ${signal ?? `status ${code}`}`;
      reject(new CommandFailed(program, how, all.trim()));
    });
  });
}

/**
 * The first of some programs that is on PATH; null when there is none. Looks at files only, runs nothing.
 * @param {string[]} names
 */
export function findProgram(names, path = process.env['PATH'] ?? '') {
  for (const name of names) {
    for (const folder of path.split(delimiter)) {
      try {
        const file = join(folder, name);
        accessSync(file, constants.X_OK);
        return file;
      } catch {
        continue;
      }
    }
  }
  return null;
}

/** @param {string} output */
function lastLine(output) {
  return (
    output
      .split('\n')
      .filter((line) => line.trim() !== '')
      .at(-1) ?? ''
  );
}
