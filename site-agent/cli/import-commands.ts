import { Option, type Command } from 'commander';
import { chexpertImporter } from '../data/importers/chexpert.js';
import { cocoImporter } from '../data/importers/coco.js';
import { CXR_HOSPITALS } from '../data/importers/cxr-hospitals.js';
import type { ReaderMerge } from '../data/importers/merge-readers.js';
import { MIMIC_LABELLERS, mimicImporter, type MimicLabeller } from '../data/importers/mimic.js';
import { nihImporter } from '../data/importers/nih.js';
import { plainCsvImporter } from '../data/importers/plain-csv.js';
import { rsnaImporter } from '../data/importers/rsna.js';
import type { Importer } from '../data/importers/source-film.js';
import { vindrImporter } from '../data/importers/vindr.js';
import { importCxr } from './commands/import-cxr-manifest.js';
import { importFilms, type ImportFilmsOptions } from './commands/import-films.js';
import { finish, type JsonFlag } from './finish.js';
import { addDicomImport } from './import-dicom-command.js';
import { pixelGrid, readerMerge } from './import-option-values.js';
import { jsonOption, nameList, numberBetween } from './option-values.js';
import type { Terminal } from './terminal.js';

/** `fedoxnet-site import FORMAT`: one command per format, with the same options but for what only one format needs. */
export function addImport(program: Command, terminal: Terminal): Command {
  const group = program.command('import').description('make a catalogue of films that are here already');

  format(group, 'nih', 'NIH ChestX-ray14: Data_Entry_2017*.csv, BBox_List_2017.csv, split lists').action(
    run(terminal, () => nihImporter),
  );
  format(group, 'rsna', 'RSNA Pneumonia 2018: stage_2_train_labels.csv, rsna_to_nih.csv').action(
    run(terminal, () => rsnaImporter),
  );
  merged(format(group, 'vinbigdata', 'VinBigData of Kaggle: train.csv')).action(
    run(terminal, ({ merge }: MergeOption) => vindrImporter('vinbigdata', merge ?? null)),
  );
  merged(format(group, 'vindr', 'VinDr-CXR of PhysioNet: annotations_*.csv, image_labels_*.csv')).action(
    run(terminal, ({ merge }: MergeOption) => vindrImporter('vindr', merge ?? null)),
  );
  uncertain(format(group, 'chexpert', 'CheXpert: train.csv, valid.csv')).action(
    run(terminal, () => chexpertImporter),
  );
  uncertain(
    format(group, 'mimic', 'MIMIC-CXR: mimic-cxr-*-metadata, -chexpert or -negbio, -split, .csv or .csv.gz'),
  )
    .addOption(new Option('--labeller <name>', 'whose labels').choices(MIMIC_LABELLERS).default('chexpert'))
    .action(run(terminal, ({ labeller }: { labeller: MimicLabeller }) => mimicImporter(labeller)));
  found(format(group, 'coco', 'COCO JSON of boxes')).action(
    run(terminal, ({ file }: { file?: string }) => cocoImporter(file ?? null)),
  );
  uncertain(
    found(format(group, 'csv', "a site's own table: film, patient, label, present, x, y, width, height, …")),
  ).action(run(terminal, ({ file }: { file?: string }) => plainCsvImporter(file ?? null)));
  addDicomImport(group, terminal);
  addCxrManifest(group, terminal);
  return group;
}

/** Commander gives the common options and the format's own in one object. */
function run<O>(terminal: Terminal, importer: (options: O) => Importer) {
  return finish(terminal, (options: ImportFilmsOptions & O & JsonFlag) =>
    importFilms(importer(options), options),
  );
}

function format(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .requiredOption(
      '--source <path>',
      'folder or .zip with the tables, and with the films unless --films is given',
    )
    .option('--films <path>', 'folder or .zip with the films')
    .requiredOption('--out <dir>', 'folder for catalogue.json, label-map.json and import-report.json')
    .option('--map <file>', "label map to use (default: the one in --out, else the format's own)")
    .option('--classes <names>', 'classes to keep, in this order, with commas between them', nameList)
    .option('--patients <file>', 'table with the columns film and patient, for formats that name no patients')
    .option(
      '--grid <pixels>',
      'grid in which boxes are given, SIDE or WIDTHxHEIGHT, when films were scaled since',
      pixelGrid,
    )
    .addOption(
      new Option(
        '--split <by>',
        'who is held out: patients by a hash of their name, or as the publisher says',
      )
        .choices(['patient', 'source'])
        .default('patient'),
    )
    .option('--val <fraction>', 'share of the patients held out', numberBetween(0, 1), 0.2)
    .option('--verify', 'decode every film once: refuse the damaged, know the grey levels')
    .option('--dry-run', 'check and report; write nothing but --report')
    .option('--report <file>', 'write the report there (default: import-report.json in --out)')
    .addOption(jsonOption());
}

interface MergeOption {
  readonly merge?: ReaderMerge;
}

function merged(command: Command): Command {
  return command.option(
    '--merge <how>',
    'several readers: readers:NAME,… takes the first who read a film; fuse[:IOU] all lesions, overlapping boxes averaged; consensus:N[:IOU] those that N readers boxed',
    readerMerge,
  );
}

function uncertain(command: Command): Command {
  return command.addOption(
    new Option('--uncertain <policy>', 'what to make of labels that are called uncertain')
      .choices(['unknown', 'present', 'absent'])
      .default('unknown'),
  );
}

/** For formats whose label names only the files tell. */
function found(command: Command): Command {
  return command
    .option('--file <name>', 'which file of the source, when there are several')
    .addOption(
      new Option(
        '--exhaustive <word>',
        'of all classes of a new label map: is everything marked that is there?',
      )
        .choices(['yes', 'no', 'unknown'])
        .default('unknown'),
    );
}

function addCxrManifest(group: Command, terminal: Terminal): void {
  group
    .command('cxr-manifest')
    .description('a folder with manifest.csv, boxes.csv and the films they name')
    .requiredOption('--source <dir>', 'that folder')
    .requiredOption('--out <dir>', 'folder for catalogue.json')
    .addOption(
      new Option('--part <name>', 'whose films and readings; held-out takes the val split of all')
        .choices([...CXR_HOSPITALS, 'held-out'])
        .makeOptionMandatory(),
    )
    .option('--classes <names>', 'classes with commas between them (default: all)', nameList)
    .addOption(jsonOption())
    .action(finish(terminal, importCxr));
}
