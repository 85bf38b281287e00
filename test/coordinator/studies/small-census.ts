import { takeCensus, type Census, type CensusFilm } from '@fedoxnet/shared/study/census';

type Readings = CensusFilm['readings'];
type Told = Readonly<
  Record<string, { readonly box?: readonly [number, number]; readonly image?: readonly [number, number] }>
>;

/** A site's census of training films: for each class how many are boxed with and without it, labelled with and without it. */
export function censusOf(
  told: Told,
  classes: readonly string[],
  mapped = Object.keys(told),
  below = 1,
): Census {
  let patients = 0;
  const film = (readings: Readings, ...boxes: string[]) => ({
    patient: `p${(patients += 1)}`,
    split: 'train' as const,
    width: 512,
    height: 512,
    boxes: boxes.map((name) => ({ class: name })),
    readings,
  });
  const times = <T>(count: number, make: () => T): T[] => Array.from({ length: count }, make);
  const films = Object.entries(told).flatMap(([name, { box = [0, 0], image = [0, 0] }]) => [
    ...times(box[0], () => film({ [name]: { supervision: 'box' } }, name)),
    ...times(box[1], () => film({ [name]: { supervision: 'box' } })),
    ...times(image[0], () => film({ [name]: { supervision: 'image', present: 1 } })),
    ...times(image[1], () => film({ [name]: { supervision: 'image', present: 0 } })),
  ]);
  return takeCensus(films, classes, mapped, below);
}
