import { join } from 'node:path';
import { CommandFailed, runCommand } from './run-command.mjs';

/**
 * Compiles what changed. The native TypeScript compiler looks at its own build records, which takes a tenth of a
 * second when nothing changed, so there is no stamp of ours beside them.
 * @param {string} checkout
 * @param {import('./progress.mjs').Progress} progress
 */
export async function compileSources(checkout, progress) {
  const compiler = join(checkout, 'node_modules', 'typescript-7', 'bin', 'tsc');
  try {
    await runCommand(process.execPath, [compiler, '-b'], { cwd: checkout });
  } catch (error) {
    if (error instanceof CommandFailed) {
      progress.say('the sources do not compile:');
      process.stderr.write(`${error.output}\n`);
      throw new Error('stopped: correct the lines above and start again', { cause: error });
    }
    throw error;
  }
}
