import { createRequire } from 'node:module';
import { Command, CommanderError } from 'commander';
import { ERRORS, FederationError } from '@fedoxnet/shared/errors';
import { addAuditCommands } from './audit-commands.js';
import { addRotateKeys } from './rotate-keys-command.js';
import { addServe } from './serve.js';
import { addSiteCommands } from './site-commands.js';
import { addStudyCommands } from './study-commands.js';
import { addUserCommands } from './user-commands.js';

const { version } = createRequire(import.meta.url)('../../package.json') as { version: string };

export function createProgram(): Command {
  const program = new Command('fedoxnet-coordinator')
    .description('Runs federated training of OXnet across hospitals')
    .version(version)
    .exitOverride()
    .configureOutput({ outputError: () => undefined });
  addServe(program);
  addRotateKeys(program);
  addUserCommands(program);
  addSiteCommands(program);
  addStudyCommands(program);
  addAuditCommands(program);
  for (const command of allCommands(program)) command.copyInheritedSettings(program);
  return program;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

/**
 * Runs one command line. Errors end as one line on stderr.
 * @param argv without node and script
 * @returns exit status of the process
 */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync([...argv], { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    // Called without a command: the help it printed says enough.
    if (error instanceof CommanderError && error.code === 'commander.help') return ERRORS.USAGE.exit;
    const failure = asFailure(error);
    process.stderr.write(`${failure.lastLine}\n`);
    if (failure.code === 'INTERNAL' && failure.cause instanceof Error) {
      process.stderr.write(`${failure.cause.stack ?? ''}\n`);
    }
    return ERRORS[failure.code].exit;
  }
}

function asFailure(error: unknown): FederationError {
  if (error instanceof FederationError) return error;
  if (error instanceof CommanderError) {
    const message = error.message.replace(/^error: /, '').split('\n')[0] ?? '';
    return new FederationError('USAGE', /[.!?]$/.test(message) ? message : `${message}.`);
  }
  const message = error instanceof Error ? error.message : String(error);
  return new FederationError('INTERNAL', `${message}.`, { cause: error });
}
