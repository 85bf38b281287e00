import { InvalidArgumentError, type Command } from 'commander';
import { DEFAULT_CONSOLE_PORT } from '../console/console.js';
import { isDay } from '../ledger/ledger-day.js';
import { consolePassword } from './commands/console-password.js';
import { serveConsole, type ConsoleCommandOptions } from './commands/console.js';
import { ledger } from './commands/ledger.js';
import { finish } from './finish.js';
import { dataOption, homeOption, jsonOption, portValue } from './option-values.js';
import type { Terminal } from './terminal.js';

/** What people of the site look at: the console and the ledger. */
export function addConsole(program: Command, terminal: Terminal): void {
  program
    .command('console')
    .description(
      'serve the site console on 127.0.0.1, without an agent; "run --console" serves it beside one',
    )
    .addOption(homeOption().makeOptionMandatory())
    .addOption(dataOption().makeOptionMandatory())
    .option(
      '--port <n>',
      'where a browser on this machine finds it; 0 takes a free one',
      portValue,
      DEFAULT_CONSOLE_PORT,
    )
    .addOption(jsonOption())
    .action((options: ConsoleCommandOptions) => serveConsole(options, terminal));

  program
    .command('console-password')
    .description('set the password of the site console; asks for it, or reads a line from stdin')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, consolePassword));

  program
    .command('ledger')
    .description('say what left this site on a day: kind, bytes, digest, destination')
    .option('--day <day>', 'YYYY-MM-DD (default: today)', dayValue)
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, ledger));
}

function dayValue(text: string): string {
  if (!isDay(text)) throw new InvalidArgumentError('Give a day as YYYY-MM-DD.');
  return text;
}
