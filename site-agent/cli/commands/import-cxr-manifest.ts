import { resolve } from 'node:path';
import { importCxrManifest, type ImportCxrOptions } from '../../data/importers/cxr-manifest.js';
import type { Outcome } from '../terminal.js';

/** Makes one hospital's catalogue of a folder with `manifest.csv` and `boxes.csv`; the films stay where they are. */
export async function importCxr(options: ImportCxrOptions): Promise<Outcome> {
  const out = resolve(options.out);
  const { films, classes, refused } = await importCxrManifest({
    ...options,
    source: resolve(options.source),
    out,
  });
  const lines = [
    `${out}: ${films.train} training films and ${films.val} held out, as ${options.part}`,
    ...classes.map(({ class: name, boxes, boxRead, imageRead }) =>
      [
        `  ${name}: ${boxes.train} + ${boxes.val} boxes`,
        `read with boxes on ${boxRead.train} + ${boxRead.val} films`,
        `with image labels on ${imageRead.train} + ${imageRead.val}`,
      ].join(', '),
    ),
    ...refused.map(({ file, line, reason }) => `  left out, line ${line}: ${file}: ${reason}`),
  ];
  return { document: { out, part: options.part, films, classes, refused }, text: lines.join('\n') };
}
