import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend } from '../../backend/select-backend.js';
import { cocoResults, cocoTruth } from '../../evaluation/coco.js';
import { evaluateFile } from '../../evaluation/evaluate.js';
import { withProgressBar } from '../long-work.js';
import type { ModelOptions } from '../model-options.js';
import { withCacheFolder } from '../scratch-cache.js';
import type { Outcome } from '../terminal.js';

export interface EvaluateOptions extends ModelOptions {
  /** Folder for metrics.json, and detections.json and truth.json as COCO. */
  readonly out?: string;
}

/** Scores a model on a site's own films. The boxes it writes with --out stay at the site. */
export async function evaluate(options: EvaluateOptions): Promise<Outcome> {
  const { split, threads } = options;
  const [model, data] = [resolve(options.model), resolve(options.data)];
  const backend = await selectBackend(options.backend, threads === undefined ? {} : { threads });
  const { films, classNames, classes, metrics, detections, records, setAside } = await withCacheFolder(
    options.cache,
    (cacheFolder) =>
      withProgressBar('films', (onProgress) =>
        evaluateFile({ model, catalogueFolder: data, split, cacheFolder, onProgress }),
      ),
  );
  const document = { model, data, split, backend: backend.name, films, metrics, byIou: classes, setAside };
  if (options.out !== undefined) {
    const out = resolve(options.out);
    const write = (name: string, content: unknown) =>
      writeFileAtomic(join(out, name), `${JSON.stringify(content)}\n`);
    await write('metrics.json', document);
    await write('detections.json', cocoResults(records, classNames, detections));
    await write('truth.json', cocoTruth(records, classNames));
  }
  const row = (name: string, values: readonly (number | null)[]) =>
    name.padEnd(24) + values.map((value) => (value?.toFixed(3) ?? '–').padStart(8)).join('');
  const { mean, perClass } = metrics;
  const lines = [
    `${films} films, ${backend.description}`,
    `${''.padEnd(24)}      AP    AP40    AP50    AP75`,
    ...perClass.map((entry) => row(entry.class, [entry.ap, entry.ap40, entry.ap50, entry.ap75])),
    row('mean', [mean.ap, mean.ap40, mean.ap50, mean.ap75]),
    ...setAside.map(({ id, reason }) => `film ${id} is set aside: ${reason}`),
  ];
  return { document, text: lines.join('\n') };
}
