import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import {
  initialLabelMap,
  LABEL_MAP_FILE,
  readLabelMap,
  type Certainty,
  type KnownLabels,
  type LabelMap,
} from '../label-map.js';
import type { Importer, SourceFilm } from './source-film.js';

export interface MapChoice {
  readonly importer: Pick<Importer, 'format' | 'labels'>;
  /** Folder of the catalogue. */
  readonly out: string;
  /** Label map to use instead of the one in `out`. */
  readonly map?: string | undefined;
  /** Classes to keep, in this order; all of the map by default. */
  readonly classes?: readonly string[] | undefined;
  /** For the classes of a map that has to be made from the names in the files. */
  readonly exhaustive: Certainty;
}

/**
 * The map that is named, else the one beside the catalogue, else a first one for the site's staff to complete.
 * @returns also `fresh`, the map to write beside the catalogue when there is none yet
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID` for a map that cannot be used; `USAGE` for a class it lacks
 */
export async function chooseLabelMap(
  { importer, out, map: named, classes, exhaustive }: MapChoice,
  films: readonly SourceFilm[],
): Promise<{ map: LabelMap; fresh: LabelMap | null }> {
  const path = named ?? join(out, LABEL_MAP_FILE);
  const written = await readLabelMap(path);
  if (written === null && named !== undefined)
    throw new FederationError('DATA_MISSING', `${named} does not exist.`);
  if (written !== null && written.format !== importer.format)
    throw new FederationError('DATA_INVALID', `${path} is a map of ${written.format} labels.`);
  const full = written ?? initialLabelMap(importer.labels ?? foundLabels(importer.format, films, exhaustive));
  const map = classes === undefined ? full : onlyClasses(full, classes, path);
  return { map, fresh: written === null ? full : null };
}

/** Every name is a class of its own until someone says otherwise. */
function foundLabels(format: string, films: readonly SourceFilm[], exhaustive: Certainty): KnownLabels {
  const noFinding = 'No Finding';
  const names = new Set(films.flatMap(({ marks }) => marks.map(({ label }) => label)));
  names.delete(noFinding);
  return {
    format,
    labels: [...names].sort(),
    noFinding,
    exhaustive: { boxes: exhaustive, films: exhaustive },
  };
}

/** The other classes' names stay known, and are left out. */
function onlyClasses(map: LabelMap, classes: readonly string[], path: string): LabelMap {
  const kept = classes.map((name) => {
    const entry = map.classes[name];
    if (entry !== undefined) return [name, entry] as const;
    const all = Object.keys(map.classes).join(', ');
    throw new FederationError('USAGE', `The label map (${path}) has no class ${name}; it has ${all}.`);
  });
  const keep = (name: string | null): string | null => (classes.includes(name ?? '') ? name : null);
  const labels = Object.entries(map.labels).map(([label, name]) => [label, keep(name)] as const);
  const noFinding = Object.entries(map.noFinding).map(
    ([label, names]) => [label, names.filter((name) => classes.includes(name))] as const,
  );
  return {
    ...map,
    labels: Object.fromEntries(labels),
    noFinding: Object.fromEntries(noFinding),
    classes: Object.fromEntries(kept),
  };
}
