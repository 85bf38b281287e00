import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { readCatalogue, writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { Supervision } from '@fedoxnet/site-agent/data/film';
import { CXR_HOSPITALS, type CxrHospital } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { readCxrTables } from '@fedoxnet/site-agent/data/importers/cxr-tables';
import { CXR_CLASSES, importCxrManifest } from '@fedoxnet/site-agent/data/importers/cxr-manifest';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { PHANTOM_CLASSES } from '@fedoxnet/site-agent/phantoms/lesions/lesion-kinds';
import { SCANNERS, type ScannerName } from '@fedoxnet/site-agent/phantoms/scanner';

/** One hospital of the demo: its name in the study and the folder that only its own agent reads. */
export interface Hospital {
  readonly name: string;
  readonly data: string;
  readonly films: { readonly train: number; readonly val: number };
  /** What its films say, in words. */
  readonly supervision: string;
  /** True when some of its films have boxes: it could train a detector alone. */
  readonly hasBoxes: boolean;
}

export interface HospitalsInput {
  readonly classes: readonly string[];
  readonly hospitals: readonly Hospital[];
  /** Catalogue of all held-out films with everything that is known about them: the yardstick at the end. */
  readonly heldOut: string;
}

export interface HospitalsOptions {
  /** Gets a folder per hospital and `held-out`. */
  readonly folder: string;
  readonly sites: number;
  readonly onProgress: (text: string) => void;
}

const TRAIN_FILMS = 240;
const VAL_FILMS = 40;

/** Site names as people say them: a, b, c, … */
const siteName = (index: number): string => `site-${String.fromCharCode(97 + index)}`;

/**
 * Draws the films of hospitals that differ in scanner and in what they know. They take turns: boxes of the first half
 * of the classes, boxes of the other half, image labels of all classes, nothing.
 * @param size side of the films in pixels
 */
export async function drawHospitals(
  options: HospitalsOptions & { readonly seed: number; readonly size: number },
): Promise<HospitalsInput> {
  const { folder, sites, seed, size, onProgress } = options;
  const half = Math.ceil(PHANTOM_CLASSES.length / 2);
  const [first, other] = [PHANTOM_CLASSES.slice(0, half), PHANTOM_CLASSES.slice(half)];
  const kinds: readonly {
    readonly known: readonly string[];
    readonly by: Supervision;
    readonly words: string;
  }[] = [
    { known: first, by: 'box', words: `boxes of ${first.join(', ')}` },
    { known: other, by: 'box', words: `boxes of ${other.join(', ')}` },
    { known: PHANTOM_CLASSES, by: 'image', words: 'image labels only' },
    { known: [], by: 'none', words: 'no labels' },
  ];
  const scanners = Object.keys(SCANNERS) as ScannerName[];
  const hospitals: Hospital[] = [];
  for (let index = 0; index < sites; index++) {
    const kind = kinds[index % kinds.length];
    const scanner = scanners[index % scanners.length];
    if (kind === undefined || scanner === undefined) throw new RangeError(`no kind for site ${index}`);
    const name = siteName(index);
    const data = join(folder, name, 'data');
    await mkdir(data, { recursive: true });
    await generatePhantoms({
      out: data,
      films: TRAIN_FILMS + VAL_FILMS,
      valFraction: VAL_FILMS / (TRAIN_FILMS + VAL_FILMS),
      seed: `${seed}/${name}`,
      size,
      scanner,
      supervision: Object.fromEntries(kind.known.map((label) => [label, kind.by])),
    });
    onProgress(`${name}: ${TRAIN_FILMS} + ${VAL_FILMS} held-out phantoms, ${kind.words}, ${scanner} scanner`);
    hospitals.push({
      name,
      data,
      films: { train: TRAIN_FILMS, val: VAL_FILMS },
      supervision: kind.words,
      hasBoxes: kind.by === 'box',
    });
  }
  const heldOut = join(folder, 'held-out');
  await gatherHeldOut(hospitals, PHANTOM_CLASSES, heldOut);
  return { classes: PHANTOM_CLASSES, hospitals, heldOut };
}

const CXR_WORDS: Readonly<Record<CxrHospital, string>> = {
  'nih-boxes': 'NIH boxes',
  'rsna-boxes': 'RSNA boxes of Lung Opacity',
  'nih-labels': 'NIH image labels only',
  unlabelled: 'no labels',
};

/** @throws {FederationError} `USAGE` for more hospitals than the films make; the importer's own when its tables are wrong */
export async function checkFilmFolder(source: string, sites: number): Promise<void> {
  if (sites > CXR_HOSPITALS.length) {
    throw new FederationError(
      'USAGE',
      `--sites ${sites}: the films of --data make ${CXR_HOSPITALS.length} hospitals.`,
    );
  }
  await readCxrTables(source);
}

/** Divides a folder of public chest films, checked before, among hospitals by patient. */
export async function importHospitals(
  options: HospitalsOptions & { readonly source: string },
): Promise<HospitalsInput> {
  const { folder, sites, source, onProgress } = options;
  const hospitals: Hospital[] = [];
  for (const [index, part] of CXR_HOSPITALS.slice(0, sites).entries()) {
    const name = siteName(index);
    const data = join(folder, name, 'data');
    await mkdir(data, { recursive: true });
    const { films, refused } = await importCxrManifest({ source, out: data, part });
    const supervision = CXR_WORDS[part];
    onProgress(`${name}: ${films.train} + ${films.val} held-out films, ${supervision}`);
    if (refused.length > 0)
      onProgress(`${name}: ${refused.length} films set aside, the first because ${refused[0]?.reason}`);
    hospitals.push({ name, data, films, supervision, hasBoxes: part.endsWith('-boxes') });
  }
  const heldOut = join(folder, 'held-out');
  await mkdir(heldOut, { recursive: true });
  await importCxrManifest({ source, out: heldOut, part: 'held-out' });
  return { classes: CXR_CLASSES, hospitals, heldOut };
}

/** One catalogue of every hospital's held-out films, which stay where they are. */
async function gatherHeldOut(
  hospitals: readonly Hospital[],
  classes: readonly string[],
  out: string,
): Promise<void> {
  await mkdir(out, { recursive: true });
  const bySite = await Promise.all(
    hospitals.map(async ({ name, data }) =>
      (await readCatalogue(data)).films
        .filter(({ split }) => split === 'val')
        .map((film) => ({
          ...film,
          id: `${name}-${film.id}`,
          patient: `${name}-${film.patient}`,
          file: `../${name}/data/${film.file}`,
        })),
    ),
  );
  // In turns, so that the first films of the list, which pictures show, come from all hospitals.
  const longest = Math.max(...bySite.map((films) => films.length));
  const films = Array.from({ length: longest }, (_, index) =>
    bySite.flatMap((list) => list[index] ?? []),
  ).flat();
  await writeCatalogue(out, {
    version: 1,
    source: 'held-out films of all hospitals',
    classes: [...classes],
    films,
  });
}
