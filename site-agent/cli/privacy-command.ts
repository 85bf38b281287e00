import type { Command } from 'commander';
import { checkPrivacyOf, type CheckPrivacyOptions } from './commands/check-privacy.js';
import { finish, type JsonFlag } from './finish.js';
import { dataOption, jsonOption, wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

/** `fedoxnet-site check-privacy`. */
export function addCheckPrivacy(program: Command, terminal: Terminal): void {
  program
    .command('check-privacy')
    .description('search all that the site keeps, and recordings of what it sent, for values of film headers')
    .requiredOption('--source <path>', 'folder or .zip with the DICOM films as they came')
    .addOption(dataOption().makeOptionMandatory())
    .option('--home <dir>', "the agent's own folder, to search it too")
    .option('--also <path...>', 'more files or folders to search: logs, recordings of the network')
    .option(
      '--films <n>',
      'take the values of at most so many films, evenly spread',
      wholeNumber(1, 5000),
      500,
    )
    .addOption(jsonOption())
    .action(finish(terminal, (options: CheckPrivacyOptions & JsonFlag) => checkPrivacyOf(options)));
}
