import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import { TIME_LIMIT_MS } from '../data/dicom/film-workers.js';
import type { BringInOptions } from '../data/door/bring-in-films.js';
import { chexpertImporter } from '../data/importers/chexpert.js';
import { cocoImporter } from '../data/importers/coco.js';
import type { UncertainPolicy } from '../data/importers/film-reading.js';
import { mimicImporter } from '../data/importers/mimic.js';
import { nihImporter } from '../data/importers/nih.js';
import { plainCsvImporter } from '../data/importers/plain-csv.js';
import { rsnaImporter } from '../data/importers/rsna.js';
import type { Importer } from '../data/importers/source-film.js';
import { vindrImporter } from '../data/importers/vindr.js';
import type { Certainty } from '../data/label-map.js';
import { pixelGrid } from './import-option-values.js';
import { nameList, numberBetween, wholeNumber } from './option-values.js';

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

/** What commands that bring films in through the door have in common. */
export interface DoorOptions {
  readonly out: string;
  readonly labels?: string;
  readonly labelFormat: string;
  readonly map?: string;
  readonly classes?: readonly string[];
  readonly grid?: { readonly width: number; readonly height: number };
  readonly uncertain: UncertainPolicy;
  readonly exhaustive: Certainty;
  readonly val: number;
  readonly side: number;
  readonly threads?: number;
  readonly timeLimit: number;
  readonly dryRun?: boolean;
  readonly report?: string;
}

/** @param named how the label tables name films */
export function addDoorOptions(command: Command, named: string): Command {
  return command
    .requiredOption('--out <dir>', "the site's data folder: catalogue.json, films/, quarantine/, private/")
    .option('--labels <path>', `folder or .zip with label tables that call films by ${named}`)
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
    .option('--report <file>', 'write the report there (default: private/import-report.json in --out)');
}

/** Paths made absolute, seconds made milliseconds. */
export function bringInOptions(options: DoorOptions): BringInOptions {
  const { labels, labelFormat, map, classes, grid, uncertain, exhaustive, val, side, threads } = options;
  const importer = (LABEL_FORMATS[labelFormat] as () => Importer)();
  const absolute = (path: string | undefined): string | undefined =>
    path === undefined ? undefined : resolve(path);
  return {
    out: resolve(options.out),
    labels:
      labels === undefined
        ? null
        : { importer, source: resolve(labels), map: absolute(map), classes, grid, uncertain, exhaustive },
    ...{ val, side, threads, timeLimitMs: options.timeLimit * 1000, dryRun: options.dryRun === true },
    report: absolute(options.report),
  };
}
