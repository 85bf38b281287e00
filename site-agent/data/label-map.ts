import { join } from 'node:path';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

export const LABEL_MAP_FILE = 'label-map.json';

const certainty = z.enum(['yes', 'no', 'unknown']);
export type Certainty = z.infer<typeof certainty>;

/**
 * How complete the marks of a class are; `unknown` is used like `no`. One word stands for both.
 * `boxes`: on a film that has a box of the class, is every lesion of it boxed?
 * `films`: on a film that was read and has no mark of the class, is the class absent?
 */
const exhaustive = z
  .union([certainty, z.strictObject({ boxes: certainty, films: certainty })])
  .transform((value) => (typeof value === 'string' ? { boxes: value, films: value } : value));

const className = z.string().min(1).max(64);

/** What the names in a site's label files mean for the consortium. The site's staff may edit it; importing again reads it. */
export const labelMap = z.strictObject({
  version: z.literal(1),
  format: z.string(),
  /** Name in the source → class of the study; null for a name that is known and left out. */
  labels: z.record(z.string().min(1), className.nullable()),
  /** Names that say that classes are absent, and which: "No Finding" negates only what it covers. */
  noFinding: z.record(z.string().min(1), z.array(className)),
  /** In the order of the catalogue. */
  classes: z.record(className, z.strictObject({ exhaustive })),
});
export type LabelMap = z.output<typeof labelMap>;

/** @throws {FederationError} `DATA_INVALID` naming the class when a label means one that is not described */
export function checkLabelMap(map: LabelMap, path: string): void {
  const meant = [...Object.values(map.labels), ...Object.values(map.noFinding).flat()];
  const stranger = meant.find((name) => name !== null && !Object.hasOwn(map.classes, name));
  if (stranger !== undefined)
    throw new FederationError('DATA_INVALID', `${path} gives no class ${String(stranger)} under "classes".`);
}

/** @throws {FederationError} `DATA_INVALID` naming file and field */
export async function readLabelMap(path: string): Promise<LabelMap | null> {
  const map = await readJsonFile(path, labelMap, 'DATA_INVALID');
  if (map !== null) checkLabelMap(map, path);
  return map;
}

export function writeLabelMap(folder: string, map: LabelMap): Promise<void> {
  return writeFileAtomic(join(folder, LABEL_MAP_FILE), `${JSON.stringify(map, null, 2)}\n`);
}

export interface KnownLabels {
  readonly format: string;
  /** Name in the source and the study's name of it where that differs. */
  readonly labels: readonly (string | readonly [string, string])[];
  /** A name that says that all classes are absent, but for those in `uncovered`. */
  readonly noFinding?: string;
  readonly uncovered?: readonly string[];
  /** Classes that are never boxed, whatever `exhaustive` says of the others. */
  readonly unboxed?: readonly string[];
  readonly exhaustive: { readonly boxes: Certainty; readonly films: Certainty };
}

/** The map an import starts from, as the publisher of the source describes its labels. */
export function initialLabelMap({
  format,
  labels,
  noFinding,
  uncovered = [],
  unboxed = [],
  exhaustive,
}: KnownLabels): LabelMap {
  const entries = labels.map((label) => (typeof label === 'string' ? ([label, label] as const) : label));
  const classes = [...new Set(entries.map(([, name]) => name))];
  const covered = classes.filter((name) => !uncovered.includes(name));
  return {
    version: 1,
    format,
    labels: Object.fromEntries(entries),
    noFinding: noFinding === undefined ? {} : { [noFinding]: covered },
    classes: Object.fromEntries(
      classes.map((name) => {
        const boxes = unboxed.includes(name) ? 'no' : exhaustive.boxes;
        return [name, { exhaustive: { ...exhaustive, boxes } }];
      }),
    ),
  };
}
