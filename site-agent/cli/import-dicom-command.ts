import { Option, type Command } from 'commander';
import { TIME_LIMIT_MS } from '../data/dicom/film-workers.js';
import { chexpertImporter } from '../data/importers/chexpert.js';
import { cocoImporter } from '../data/importers/coco.js';
import { mimicImporter } from '../data/importers/mimic.js';
import { nihImporter } from '../data/importers/nih.js';
import { plainCsvImporter } from '../data/importers/plain-csv.js';
import { rsnaImporter } from '../data/importers/rsna.js';
import type { Importer } from '../data/importers/source-film.js';
import { vindrImporter } from '../data/importers/vindr.js';
import { importDicomFilms, type ImportDicomOptions } from './commands/import-dicom.js';
import { finish, type JsonFlag } from './finish.js';
import { pixelGrid } from './import-option-values.js';
import { jsonOption, nameList, numberBetween, wholeNumber } from './option-values.js';
import type { Terminal } from './terminal.js';

/** In which format the label tables are. */
const LABEL_FORMATS: Readonly<Record<string, () => Importer>> = {
  csv: () => plainCsvImporter(null),
  nih: () => nihImporter,
  rsna: () => rsnaImporter,
  vinbigdata: () => vindrImporter('vinbigdata', null),
  vindr: () => vindrImporter('vindr', null),
  chexpert: () => chexpertImporter,
  mimic: () => mimicImporter('chexpert'),
  coco: () => cocoImporter(null),
};

/** `fedoxnet-site import dicom`. */
export function addDicomImport(group: Command, terminal: Terminal): void {
  group
    .command('dicom')
    .description('DICOM films, de-identified at the door; broken or doubtful ones go to quarantine')
    .requiredOption('--source <path>', 'folder or .zip with the films')
    .requiredOption('--out <dir>', "the site's data folder: catalogue.json, films/, quarantine/, private/")
    .option('--labels <path>', 'folder or .zip with label tables that call films by the names of their files')
    .addOption(
      new Option('--label-format <name>', 'of the label tables')
        .choices(Object.keys(LABEL_FORMATS))
        .default('csv'),
    )
    .option('--map <file>', "label map to use (default: the one in --out, else the format's own)")
    .option('--classes <names>', 'classes to keep, in this order, with commas between them', nameList)
    .option(
      '--grid <pixels>',
      "grid of the tables' boxes, SIDE or WIDTHxHEIGHT, if not the films' own",
      pixelGrid,
    )
    .addOption(
      new Option('--uncertain <policy>', 'what to make of labels that are called uncertain')
        .choices(['unknown', 'present', 'absent'])
        .default('unknown'),
    )
    .addOption(
      new Option(
        '--exhaustive <word>',
        'of all classes of a new label map: is everything marked that is there?',
      )
        .choices(['yes', 'no', 'unknown'])
        .default('unknown'),
    )
    .option('--val <fraction>', 'share of the patients held out', numberBetween(0, 1), 0.2)
    .option('--side <pixels>', 'longer side of a film as it is kept', wholeNumber(128, 8192), 1024)
    .option('--threads <n>', 'films decoded at once (default: up to 4)', wholeNumber(1, 64))
    .option(
      '--time-limit <seconds>',
      'for decoding one film; a film that takes longer is set aside',
      numberBetween(0.1, 3600),
      TIME_LIMIT_MS / 1000,
    )
    .option('--dry-run', 'decode and report; write nothing but --report')
    .option('--report <file>', 'write the report there (default: private/import-report.json in --out)')
    .addOption(jsonOption())
    .action(
      finish(terminal, (options: ImportDicomOptions & { labelFormat: string } & JsonFlag) =>
        importDicomFilms((LABEL_FORMATS[options.labelFormat] as () => Importer)(), options),
      ),
    );
}
