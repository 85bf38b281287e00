import { basename, join, resolve } from 'node:path';
import { FROC_RATES } from '@fedoxnet/shared/evaluation/froc-from-counts';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend } from '../../backend/select-backend.js';
import { cocoResults, cocoTruth } from '../../evaluation/coco.js';
import { evaluateOnCatalogue, type CatalogueEvaluation } from '../../evaluation/evaluate.js';
import type { Froc } from '../../evaluation/froc.js';
import { plainIou } from '../../evaluation/iou-thresholds.js';
import { frocChart } from '../../reports/froc-chart.js';
import { FigureTable } from '../figure-table.js';
import { withProgressBar } from '../long-work.js';
import { readModelHere } from '../model-here.js';
import type { ModelOptions } from '../model-options.js';
import { withCacheFolder } from '../scratch-cache.js';
import type { Outcome } from '../terminal.js';

export interface EvaluateOptions extends ModelOptions {
  /** Thresholds to average over besides those of the paper. */
  readonly iou?: readonly number[];
  /** Of the site's agent, which may keep its own norms of the model. */
  readonly home?: string;
  /** PNG file for the FROC curves. */
  readonly curves?: string;
  /** Folder for metrics.json, and detections.json and truth.json as COCO. */
  readonly out?: string;
}

/** Scores a model on a site's own films. The boxes it writes with --out stay at the site. */
export async function evaluate(options: EvaluateOptions): Promise<Outcome> {
  const { split, threads } = options;
  const [model, data] = [resolve(options.model), resolve(options.data)];
  const { released, norms } = await readModelHere(model, options.home);
  const backend = await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const evaluation = await withCacheFolder(options.cache, (cacheFolder) =>
    withProgressBar('films', (onProgress) =>
      evaluateOnCatalogue(released, {
        catalogueFolder: data,
        split,
        cacheFolder,
        onProgress,
        ...(options.iou && { ious: options.iou }),
      }),
    ),
  );
  const { films, classNames, classes, metrics, chosen, auc, detections, records, setAside } = evaluation;
  const document = {
    model,
    data,
    split,
    norms,
    backend: backend.name,
    films,
    metrics,
    byIou: classes,
    ...(chosen && { chosen: { ...chosen, ious: chosen.ious.map(plainIou) } }),
    froc: frocDocument(evaluation.froc),
    auc,
    setAside,
  };
  if (options.out !== undefined) {
    const out = resolve(options.out);
    const write = (name: string, content: unknown) =>
      writeFileAtomic(join(out, name), `${JSON.stringify(content)}\n`);
    await write('metrics.json', document);
    await write('detections.json', cocoResults(records, classNames, detections));
    await write('truth.json', cocoTruth(records, classNames));
  }
  if (options.curves !== undefined) {
    const { froc } = evaluation;
    const subtitle = `${basename(model)} on ${froc.pooled.films} films; a lesion is found at IoU ${froc.iou} or more`;
    const picture = frocChart({ title: 'Free-response ROC', subtitle, ...froc });
    await writeFileAtomic(resolve(options.curves), picture);
  }
  const lines = [
    `${films} films, ${backend.description}`,
    ...tableLines(evaluation),
    ...setAside.map(({ id, reason }) => `film ${id} is set aside: ${reason}`),
  ];
  return { document, text: lines.join('\n') };
}

/** The curves themselves go into the picture only. */
function frocDocument({ iou, perClass, pooled }: CatalogueEvaluation['froc']) {
  const figures = ({ films, truths, sensitivities, mean }: Froc) => ({ films, truths, sensitivities, mean });
  return {
    iou,
    falsePositivesPerFilm: FROC_RATES,
    perClass: perClass.map((froc) => ({ class: froc.class, ...figures(froc) })),
    pooled: figures(pooled),
  };
}

function tableLines({ metrics, chosen, froc, auc, classNames }: CatalogueEvaluation): string[] {
  const table = new FigureTable(classNames);
  const { mean, perClass } = metrics;
  const ifChosen = <T>(value: T): T[] => (chosen === null ? [] : [value]);
  const figures = (
    { ap, ap40, ap50, ap75 }: typeof mean,
    chosenAp: number | null | undefined,
    branches: typeof auc.mean | undefined,
  ) => [ap, ap40, ap50, ap75, ...ifChosen(chosenAp), branches?.global, branches?.local];
  return [
    table.head(['AP', 'AP40', 'AP50', 'AP75', ...ifChosen('AP iou'), 'G AUC', 'L AUC']),
    ...perClass.map((entry, k) =>
      table.row(entry.class, figures(entry, chosen?.perClass[k]?.ap, auc.perClass[k])),
    ),
    table.row('mean', figures(mean, chosen?.mean, auc.mean)),
    '',
    `sensitivity at false positives per film (FROC, IoU ${froc.iou})`,
    table.head(['1/8', '1/4', '1/2', '1', '2', '4', '8', 'mean']),
    ...froc.perClass.map((entry) => table.row(entry.class, [...entry.sensitivities, entry.mean])),
    table.row('all', [...froc.pooled.sensitivities, froc.pooled.mean]),
  ];
}
