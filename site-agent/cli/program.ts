import { Command, Option } from 'commander';
import { DEFAULT_CONSOLE_PORT } from '../console/console.js';
import { COCO_IOUS } from '../evaluation/iou-thresholds.js';
import { PHANTOM_CLASSES } from '../phantoms/lesions/lesion-kinds.js';
import { SCANNERS } from '../phantoms/scanner.js';
import { approve, refuse } from './commands/approve.js';
import { census } from './commands/census.js';
import { check } from './commands/check.js';
import { enroll } from './commands/enroll.js';
import { evaluate } from './commands/evaluate.js';
import { exportModel } from './commands/export.js';
import { initModel } from './commands/init-model.js';
import { phantom } from './commands/phantom.js';
import { predict, type PredictOptions } from './commands/predict.js';
import { rotateKeys } from './commands/rotate-keys.js';
import { run, type RunOptions } from './commands/run.js';
import { score } from './commands/score.js';
import { sendReportFiles } from './commands/send-reports.js';
import { verify, type VerifyOptions } from './commands/verify.js';
import { addConsole } from './console-commands.js';
import { finish, type JsonFlag } from './finish.js';
import { addImport } from './import-commands.js';
import {
  backendOption,
  cacheOption,
  dataOption,
  homeOption,
  iouValues,
  jsonOption,
  nameList,
  numberBetween,
  planHashValue,
  portValue,
  splitOption,
  threadsOption,
  wholeNumber,
} from './option-values.js';
import { addPull } from './pull-command.js';
import { addQuarantine } from './quarantine-commands.js';
import type { Terminal } from './terminal.js';
import { agentVersion } from './version.js';

/** The whole of `fedoxnet-site`: names and options are part of the product; what they do lies in commands/. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('fedoxnet-site')
    .description("A hospital's side of federated OXnet training: films stay here, sealed updates leave.")
    .version(agentVersion())
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
    .showSuggestionAfterError();
  addMembership(program, terminal);
  addData(program, terminal);
  addModel(program, terminal);
  addConsole(program, terminal);
  return program;
}

function addMembership(program: Command, terminal: Terminal): void {
  program
    .command('enroll')
    .description('join a consortium with a one-time invitation; makes the keys of this site')
    .requiredOption('--coordinator <url>', 'address of the coordinator, for example https://host:8443')
    .requiredOption('--invitation <code>', 'the one-time code from the operator')
    .requiredOption('--site <name>', 'name of this site: lower-case letters, digits, hyphens')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, enroll));

  program
    .command('approve')
    .description("show a study's plan and approve it; nothing is computed here before that")
    .argument('<hash>', "the plan's hash, 64 hexadecimal digits", planHashValue)
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action((hash: string, options: { home: string } & JsonFlag) =>
      finish(terminal, () => approve(hash, options))(options),
    );

  program
    .command('refuse')
    .description('refuse a plan, also one that was approved: nothing is computed for it any more')
    .argument('<hash>', "the plan's hash, 64 hexadecimal digits", planHashValue)
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action((hash: string, options: { home: string } & JsonFlag) =>
      finish(terminal, () => refuse(hash, options))(options),
    );

  program
    .command('rotate-keys')
    .description('replace the keys of this site, here and at the coordinator; stop the agent first')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, rotateKeys));

  program
    .command('check')
    .description('say of everything the agent needs whether it is there, and how to mend what is not')
    .addOption(homeOption())
    .addOption(dataOption())
    .option('--coordinator <url>', 'ask this one (default: the one this site enrolled at)')
    .addOption(backendOption())
    .addOption(threadsOption())
    .option(
      '--only <names>',
      'these checks, with commas between them; pacs and decode mean all that begin so',
      nameList,
    )
    .option(
      '--privacy <source>',
      'folder or .zip of DICOM films: search --data, --home and --also for values of their headers',
    )
    .option('--also <path...>', 'with --privacy: logs, recordings of what was sent')
    .option(
      '--films <n>',
      'with --privacy: of at most so many films, evenly spread',
      wholeNumber(1, 5000),
      500,
    )
    .addOption(jsonOption())
    .action(finish(terminal, check));

  program
    .command('run')
    .description('serve the studies this site approved; reconnects and resumes by itself')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(dataOption().makeOptionMandatory())
    .addOption(backendOption())
    .addOption(threadsOption())
    .option('--once', 'end with exit 0 when a study has ended')
    .option(
      '--patience <seconds>',
      'end when there was no connection for this long (default: never)',
      numberBetween(0, 1e7),
    )
    .addOption(
      new Option('--console [port]', 'also serve the site console on 127.0.0.1')
        .argParser(portValue)
        .preset(String(DEFAULT_CONSOLE_PORT)),
    )
    .addOption(
      new Option('--log-level <level>', 'of the log on stderr')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .option('--json', 'print one JSON line per event on stdout; see agent/README.md')
    .action((options: RunOptions) => run(options, terminal));
}

function addData(program: Command, terminal: Terminal): void {
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

function addModel(program: Command, terminal: Terminal): void {
  program
    .command('init-model')
    .description(
      "write a study's first model, release 0: untrained, with a published backbone, or practised on phantoms",
    )
    .requiredOption('--plan <file>', 'the plan as JSON')
    .requiredOption('--out <file>', 'safetensors file to write')
    .option(
      '--backbone-weights <file>',
      'ImageNet ResNet of torchvision or timm, safetensors; needs model.norm frozen',
    )
    .option('--phantom-steps <n>', 'steps on drawn films first', wholeNumber(0, 1_000_000), 0)
    .option('--phantom-films <n>', 'how many films to draw for them', wholeNumber(8, 100_000), 600)
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(finish(terminal, initModel));

  program
    .command('export')
    .description('write a model in a form that other programs load without fedoxnet')
    .requiredOption('--model <file>', 'a released model, safetensors')
    .addOption(
      new Option('--format <name>', 'tfjs: a TensorFlow.js graph model (model.json and weight shards)')
        .choices(['tfjs'])
        .default('tfjs'),
    )
    .requiredOption('--out <dir>', 'folder to make')
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(jsonOption())
    .action(finish(terminal, exportModel));

  program
    .command('verify')
    .description('check offline that a released model is what its receipts say')
    .argument('<model>', 'released model, safetensors')
    .option(
      '--receipts <file>',
      'receipts of its rounds (default: beside the model, as "study export" writes them)',
    )
    .addOption(homeOption())
    .addOption(jsonOption())
    .action((model: string, options: VerifyOptions & JsonFlag) =>
      finish(terminal, () => verify(model, options))(options),
    );

  program
    .command('evaluate')
    .description("score a model on this site's films: AP@[.40:.75], AP40, AP50, AP75, FROC, image AUC")
    .requiredOption('--model <file>', 'a released model, safetensors')
    .addOption(dataOption().makeOptionMandatory())
    .addOption(splitOption())
    .option('--iou <range>', 'also average AP over FROM:TO:STEP, or over numbers with commas', iouValues)
    .option('--curves <file>', 'also draw the FROC curves as PNG')
    .option('--out <dir>', 'also write metrics.json, and detections.json and truth.json as COCO')
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(cacheOption())
    .addOption(jsonOption())
    .action(finish(terminal, evaluate));

  program
    .command('score')
    .description(
      'score boxes of any detector against true ones, both COCO files, as pycocotools does; no masks',
    )
    .requiredOption('--truth <file>', 'COCO annotations: images, categories, boxes')
    .requiredOption('--predictions <file>', 'COCO results: image_id, category_id, bbox, score')
    .addOption(
      new Option('--iou <range>', 'thresholds of AP and AR: FROM:TO:STEP, or numbers with commas')
        .argParser(iouValues)
        .default(COCO_IOUS, '0.5:0.95:0.05'),
    )
    .option('--max-detections <n>', 'that count per image and class', wholeNumber(1), 100)
    .addOption(jsonOption())
    .action(finish(terminal, score));

  program
    .command('predict')
    .description('say what a model sees on films: PNG, JPEG or DICOM files, or those of a catalogue')
    .argument('[files...]', 'films')
    .requiredOption('--model <file>', 'a released model, safetensors')
    .option('--data <dir>', 'folder with catalogue.json and its films, instead of files')
    .addOption(splitOption())
    .option('--out <file>', 'COCO results to write; FILE.images.json beside it says what the ids mean')
    .option('--overlays <dir>', 'folder for one PNG per film with what was found on it')
    .option('--reports <dir>', 'folder for one DICOM structured report per DICOM film')
    .option(
      '--gsps',
      'with --reports: also a presentation state per film, boxes that any viewer lays over it',
    )
    .option('--send', 'with --reports: send them to the destination that findings.json in --home sets')
    .addOption(homeOption())
    .option('--min-score <score>', 'leave out detections below it', numberBetween(0, 1), 0.3)
    .addOption(backendOption())
    .addOption(threadsOption())
    .addOption(cacheOption())
    .addOption(jsonOption())
    .action((files: string[], options: PredictOptions & JsonFlag) =>
      finish(terminal, () => predict(files, options))(options),
    );

  program
    .command('send-reports')
    .description('send reports that predict wrote, to the destination that findings.json in --home sets')
    .argument('<paths...>', 'files, or folders of them')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action((paths: string[], options: { home: string } & JsonFlag) =>
      finish(terminal, () => sendReportFiles(paths, options))(options),
    );
}
