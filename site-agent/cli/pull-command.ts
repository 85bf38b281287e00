import { InvalidArgumentError, Option, type Command } from 'commander';
import { parseDate } from '../data/pacs/dicom-date.js';
import { PACS_WAYS } from '../data/pacs/pacs-settings.js';
import { pullFilms, type PullCommandOptions } from './commands/pull.js';
import { addDoorOptions } from './door-options.js';
import { finish, type JsonFlag } from './finish.js';
import { homeOption, jsonOption, nameList, numberBetween, wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

/** `fedoxnet-site pull`. What the PACS is stands in pacs.json of the home; each option stands for a field of it. */
export function addPull(program: Command, terminal: Terminal): void {
  const command = program
    .command('pull')
    .description('fetch films from the PACS that are not here yet, through the same door as "import dicom"')
    .addOption(homeOption())
    .addOption(new Option('--by <way>', 'DICOMweb, or C-FIND with C-GET or C-MOVE').choices(PACS_WAYS))
    .option('--dicomweb <url>', 'root of QIDO-RS and WADO-RS')
    .option('--user <name>', 'for basic authentication; without it the secret is a bearer token')
    .option('--secret-file <file>', 'password or token, 0600 (or the variable FEDOXNET_PACS_SECRET)')
    .option('--pacs <peer>', 'AETITLE@host:port of the PACS')
    .option('--ae <title>', 'our AE title (default: FEDOXNET)')
    .option('--store-port <port>', 'where we listen while a C-MOVE is under way', wholeNumber(1, 65_535))
    .option('--store-host <address>', 'address to listen at (default: all)')
    .option('--tls', 'DICOM over TLS; any of the next four means it, too')
    .option('--tls-ca <file>', 'who signed the certificate of the PACS, PEM (default: public CAs)')
    .option('--tls-certificate <file>', 'ours, PEM, where the PACS wants one, and for C-MOVE')
    .option('--tls-key <file>', 'its key, PEM, 0600')
    .option('--tls-server-name <name>', 'the name in the certificate of the PACS, where it is not its host')
    .option('--modality <codes>', 'with commas between them (default: CR,DX)', nameList)
    .option('--body-part <code>', 'Body Part Examined; series that say none are pulled too')
    .option('--from <date>', 'first study date, YYYY-MM-DD', dateValue)
    .option('--to <date>', 'last study date, YYYY-MM-DD', dateValue)
    .option('--films-per-second <n>', 'on average, at most', numberBetween(0.001, 1000))
    .option('--hours <window>', 'fetch only then, for example 19:00-06:00, and wait outside')
    .option('--once', 'end when the hours end instead of waiting for the next')
    .option('--limit <n>', 'fetch at most so many films now', wholeNumber(1))
    .option('--connections <n>', 'requests at once (default: 2)', wholeNumber(1, 16))
    .option('--timeout <seconds>', 'without a sign of life (default: 60)', numberBetween(0.1, 3600))
    .option(
      '--attempts <n>',
      'tries in a row before the PACS counts as gone (default: 8)',
      wholeNumber(1, 1000),
    );
  addDoorOptions(command, 'their SOP Instance UIDs')
    .option('--dry-run', 'search and count; fetch nothing')
    .addOption(jsonOption())
    .action(finish(terminal, (options: PullCommandOptions & JsonFlag) => pullFilms(options, terminal)));
}

/** `2024-02-29` → `20240229`. */
function dateValue(text: string): string {
  const date = parseDate(text);
  if (date === null) throw new InvalidArgumentError('Give a date, YYYY-MM-DD.');
  return date;
}
