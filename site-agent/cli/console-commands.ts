import { InvalidArgumentError, type Command } from 'commander';
import { isDay } from '../ledger/ledger-day.js';
import { ledger } from './commands/ledger.js';
import { finish } from './finish.js';
import { homeOption, jsonOption } from './option-values.js';
import type { Terminal } from './terminal.js';

/** What people of the site look at: the console and the ledger. */
export function addConsole(program: Command, terminal: Terminal): void {
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
