import { censusWarnings } from '@fedoxnet/coordinator/studies/census-warnings';
import type { ConsortiumCensus } from '@fedoxnet/shared/protocol/census-messages';
import { takeCensus, type Census, type CensusFilm } from '@fedoxnet/shared/study/census';
import { CLASSES, SITES } from './study-status.js';

type Film = CensusFilm & { readonly split: 'train' | 'val' };

/** Films of as many patients; the numbers of what is boxed and labelled are made here, so that a test knows what must show. */
function films(
  count: number,
  changes: (index: number) => Partial<Film>,
  split: Film['split'] = 'train',
): Film[] {
  return Array.from({ length: count }, (_, index) => ({
    patient: `${split}-${index}`,
    split,
    width: 1024,
    height: 1024,
    boxes: [],
    readings: {},
    ...changes(index),
  }));
}

const BOX = { supervision: 'box' } as const;
const image = (present: 0 | 1) => ({ supervision: 'image', present }) as const;

/** 200 films read for boxes of two classes: 60 with Cardiomegaly, 3 with a Nodule; 30 held out. */
function north(): Census {
  const read = { Cardiomegaly: BOX, Nodule: BOX };
  const boxes = (index: number): Film['boxes'] => [
    ...(index < 60 ? [{ class: 'Cardiomegaly' }, { class: 'Cardiomegaly' }] : []),
    ...(index < 3 ? [{ class: 'Nodule' }] : []),
  ];
  const of = (index: number): Partial<Film> => ({
    readings: read,
    boxes: boxes(index),
    view: index % 2 === 0 ? 'PA' : 'AP',
    sex: index % 4 === 0 ? 'F' : 'M',
    ageBand: '40-59',
    meanGrey: 120,
  });
  return takeCensus([...films(200, of), ...films(30, () => ({ readings: read }), 'val')], CLASSES, [
    'Cardiomegaly',
    'Nodule',
  ]);
}

/** 1,000 films labelled as a whole: 30 with Cardiomegaly, 400 with Effusion; no map for Nodule. */
function west(): Census {
  const of = (index: number): Partial<Film> => ({
    readings: { Cardiomegaly: image(index < 30 ? 1 : 0), Effusion: image(index < 400 ? 1 : 0) },
    width: 2500,
    height: 3056,
  });
  return takeCensus(
    films(1000, of),
    CLASSES,
    CLASSES.filter((name) => name !== 'Nodule'),
  );
}

/** North and west have told, the others have not. */
export function consortium(): ConsortiumCensus {
  const told = [
    { site: 'north', census: north() },
    { site: 'west', census: west() },
  ];
  return {
    study: 'chest-1',
    classes: CLASSES,
    sites: SITES.map((site) => {
      const census = told.find((entry) => entry.site === site)?.census ?? null;
      return { site, census, receivedAt: census === null ? null : '2025-03-01T00:00:00.000Z' };
    }),
    warnings: censusWarnings(told, CLASSES),
  };
}
