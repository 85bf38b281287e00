import type { Command } from 'commander';
import { importDicomFilms, type ImportDicomOptions } from './commands/import-dicom.js';
import { addDoorOptions } from './door-options.js';
import { finish, type JsonFlag } from './finish.js';
import { jsonOption } from './option-values.js';
import type { Terminal } from './terminal.js';

/** `fedoxnet-site import dicom`. */
export function addDicomImport(group: Command, terminal: Terminal): void {
  const command = group
    .command('dicom')
    .description('DICOM films, de-identified at the door; broken or doubtful ones go to quarantine')
    .requiredOption('--source <path>', 'folder or .zip with the films');
  addDoorOptions(command, 'the names of their files')
    .option('--dry-run', 'decode and report; write nothing but --report')
    .addOption(jsonOption())
    .action(finish(terminal, (options: ImportDicomOptions & JsonFlag) => importDicomFilms(options)));
}
