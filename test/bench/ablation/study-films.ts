import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Supervision } from '@fedoxnet/site-agent/data/film';
import { loadFilmSet, type LoadedFilmSet } from '@fedoxnet/site-agent/data/film-set';
import type { CxrHospital } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { CXR_CLASSES, importCxrManifest } from '@fedoxnet/site-agent/data/importers/cxr-manifest';
import { PHANTOM_CLASSES } from '@fedoxnet/site-agent/phantoms/lesions/lesion-kinds';
import { phantomFilmSet } from '@fedoxnet/site-agent/phantoms/phantom-film-set';
import type { Schedule } from './ablation-plan.js';

/**
 * What one repetition learns from and is scored on. Repetitions differ in first weights, order and augmentation; those on
 * phantoms also in the films.
 */
export interface StudyFilms {
  /** Names the films in results: with one seed, equal names stand for equal films. */
  readonly name: string;
  readonly classes: readonly string[];
  readonly train: LoadedFilmSet;
  readonly heldOut: LoadedFilmSet;
}

/** Training phantoms by what is known of them: few boxes, or there is nothing left to learn from the others. */
const PHANTOMS: Readonly<Record<Supervision, number>> = { box: 20, image: 300, none: 320 };
const HELD_OUT_PHANTOMS = 200;
/** At 96 pixels a nodule is smaller than the smallest anchor. */
const FINDINGS = PHANTOM_CLASSES.filter((name) => name !== 'Nodule');

export const PHANTOM_STUDY: Pick<StudyFilms, 'name' | 'classes'> = {
  name: `phantoms of ${FINDINGS.length} findings, ${PHANTOMS.box} boxed, ${PHANTOMS.image} image-labelled, ${PHANTOMS.none} unlabelled, ${HELD_OUT_PHANTOMS} held out`,
  classes: FINDINGS,
};

/** Phantoms of all four scanners. The settings were chosen on phantoms of other seeds. */
export function phantomStudyFilms({ size }: Schedule, seed: number): StudyFilms {
  const { box, image, none } = PHANTOMS;
  const supervision = (index: number): Supervision =>
    index < box ? 'box' : index < box + image ? 'image' : 'none';
  const drawn = { size, classes: FINDINGS };
  return {
    ...PHANTOM_STUDY,
    train: phantomFilmSet({
      ...drawn,
      ...{ films: box + image + none, seed: `ablation ${seed}`, supervision },
    }),
    heldOut: phantomFilmSet({ ...drawn, films: HELD_OUT_PHANTOMS, seed: `ablation ${seed} held out` }),
  };
}

/** Boxes, image labels and nothing, in this order. */
const CXR_PARTS: readonly CxrHospital[] = ['nih-boxes', 'nih-labels', 'unlabelled'];

/**
 * The real films of a folder.
 * @param work gets catalogues and decoded films
 * @throws {FederationError} as `importCxrManifest`
 */
export async function cxrStudyFilms(source: string, work: string, { size }: Schedule): Promise<StudyFilms> {
  const load = async (part: CxrHospital | 'held-out'): Promise<LoadedFilmSet> => {
    const catalogueFolder = join(work, part);
    await mkdir(catalogueFolder, { recursive: true });
    await importCxrManifest({ source: resolve(source), out: catalogueFolder, part });
    return await loadFilmSet({
      catalogueFolder,
      split: part === 'held-out' ? 'val' : 'train',
      classes: CXR_CLASSES,
      size,
      cacheFolder: join(work, 'cache'),
    });
  };
  const train = joined(await Promise.all(CXR_PARTS.map(load)));
  const heldOut = await load('held-out');
  const count = (kind: Supervision): number => train.films.filter(({ tier }) => tier === kind).length;
  return {
    name: `real films, ${count('box')} boxed, ${count('image')} image-labelled, ${count('none')} unlabelled, ${heldOut.films.length} held out`,
    classes: CXR_CLASSES,
    train,
    heldOut,
  };
}

/** Several sets of one size as one. */
function joined(sets: readonly LoadedFilmSet[]): LoadedFilmSet {
  const places = sets.flatMap((set) => set.films.map((_, index) => ({ set, index })));
  return {
    size: sets[0]!.size,
    films: sets.flatMap(({ films }) => films),
    records: sets.flatMap(({ records }) => records),
    setAside: sets.flatMap(({ setAside }) => setAside),
    pixels(index) {
      const place = places[index];
      if (place === undefined) throw new RangeError(`film ${index} of ${places.length} does not exist`);
      return place.set.pixels(place.index);
    },
  };
}
