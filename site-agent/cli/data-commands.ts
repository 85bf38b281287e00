import { type Command, Option } from 'commander';
import { PHANTOM_CLASSES } from '../phantoms/lesions/lesion-kinds.js';
import { SCANNERS } from '../phantoms/scanner.js';
import { census } from './commands/census.js';
import { phantom } from './commands/phantom.js';
import { finish } from './finish.js';
import { addImport } from './import-commands.js';
import { dataOption, homeOption, jsonOption, nameList, numberBetween, wholeNumber } from './option-values.js';
import { addPull } from './pull-command.js';
import { addQuarantine } from './quarantine-commands.js';
import type { Terminal } from './terminal.js';

/** The commands about the films of a site: what there is, and how more come in. */
export function addData(program: Command, terminal: Terminal): void {
  program
    .command('census')
    .description(
      'count the films by class, supervision, view, sex, age, size and grey, small counts withheld',
    )
    .addOption(dataOption().makeOptionMandatory())
    .option(
      '--classes <names>',
      'classes with commas between them (default: those of the catalogue)',
      nameList,
    )
    .option(
      '--suppress-below <n>',
      'withhold counts of films of fewer patients; 1 shows all',
      wholeNumber(1, 1000),
      5,
    )
    .option('--as-sent', 'exactly what leaves the site for each approved study; needs --home')
    .addOption(homeOption())
    .addOption(jsonOption())
    .action(finish(terminal, census));

  addImport(program, terminal);
  addPull(program, terminal);
  addQuarantine(program, terminal);

  program
    .command('phantom')
    .description('write a hospital of synthetic chest films with a catalogue')
    .requiredOption('--out <dir>', 'folder for catalogue.json and films/')
    .option('--films <n>', 'number of films', wholeNumber(1, 1_000_000), 100)
    .option('--size <pixels>', 'side of a film', wholeNumber(64, 4096), 256)
    .option('--seed <text>', 'the same seed gives the same bytes', '1')
    .addOption(
      new Option('--scanner <name>', 'look of the films').choices(Object.keys(SCANNERS)).default('digital'),
    )
    .option('--val <fraction>', 'share held out for evaluation', numberBetween(0, 1), 0.2)
    .option(
      '--supervision <kinds>',
      `box, image or none for all classes, or CLASS=kind with commas; classes: ${PHANTOM_CLASSES.join(', ')}`,
      nameList,
      ['box'],
    )
    .addOption(jsonOption())
    .action(finish(terminal, phantom));
}
