import { CommanderError } from 'commander';
import { FederationError } from '@fedoxnet/shared/errors';
import { asFederationError } from '../agent/failure.js';
import { CommandFailed } from './finish.js';
import { buildProgram } from './program.js';
import type { Terminal } from './terminal.js';

/**
 * Runs one command.
 * @param args without `node` and the program
 * @returns the exit status: 0, or the `exit` of the error's entry in the table
 */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    await buildProgram(terminal).parseAsync(args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0; // --help, --version
    if (error instanceof CommandFailed) {
      terminal.err(`${error.failure.lastLine}\n`);
      return error.failure.entry.exit;
    }
    const failed = error instanceof CommanderError ? usageError(error) : asFederationError(error);
    terminal.err(`${failed.lastLine}\n`);
    if (failed.code === 'INTERNAL' && failed.cause instanceof Error) terminal.err(`${failed.cause.stack}\n`);
    if (args.includes('--json')) {
      const { code, message, entry, page } = failed;
      terminal.out(`${JSON.stringify({ error: { code, message, help: entry.help, page } })}\n`);
    }
    return failed.entry.exit;
  }
}

/** `error: unknown option '--hme'\n(Did you mean --home?)` → one sentence. */
function usageError(error: CommanderError): FederationError {
  const text = error.message
    .replace(/^error: /, '')
    .replace(/\s+/g, ' ')
    .replace(/\.+$/, '');
  const message = error.code === 'commander.help' ? 'No command was given' : text;
  return new FederationError('USAGE', `${message}.`, { cause: error });
}
