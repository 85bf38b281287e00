import { type Command, Option } from 'commander';
import { COCO_IOUS } from '../evaluation/iou-thresholds.js';
import { evaluate } from './commands/evaluate.js';
import { exportModel } from './commands/export.js';
import { initModel } from './commands/init-model.js';
import { predict, type PredictOptions } from './commands/predict.js';
import { score } from './commands/score.js';
import { sendReportFiles } from './commands/send-reports.js';
import { verify, type VerifyOptions } from './commands/verify.js';
import { finish, type JsonFlag } from './finish.js';
import {
  backendOption,
  cacheOption,
  dataOption,
  homeOption,
  iouValues,
  jsonOption,
  numberBetween,
  splitOption,
  threadsOption,
  wholeNumber,
} from './option-values.js';
import type { Terminal } from './terminal.js';

/** The commands about models: the first one, what a release is worth, and what it sees. */
export function addModel(program: Command, terminal: Terminal): void {
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
    .option('--allow-unconfirmed', 'hold also where a counted site other than that of --home did not confirm')
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
    .addOption(homeOption())
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
