import { z } from 'zod';

/**
 * What a site holds, without saying anything about a patient: films per class and supervision.
 * Counts from 1 to `suppressBelow` − 1 are withheld (null), because a small count can point at a person.
 */
const count = z.number().int().min(0).nullable();

export const classCensus = z.strictObject({
  class: z.string().min(1).max(64),
  /** Films on which every lesion of the class is boxed, with at least one box, or read and free of it. */
  boxPresent: count,
  boxAbsent: count,
  /** Films with an image-level label of the class and no boxes. */
  imagePresent: count,
  imageAbsent: count,
  /** Films whose reading says nothing of the class. */
  none: count,
});
export type ClassCensus = z.infer<typeof classCensus>;

export const census = z.strictObject({
  version: z.literal(1),
  suppressBelow: z.number().int().min(1),
  films: count,
  classes: z.array(classCensus).max(64),
});
export type Census = z.infer<typeof census>;

/** What the census needs of a film. A class that `readings` does not list is unknown there. */
export interface CensusFilm {
  readonly boxes: readonly { readonly class: string }[];
  readonly readings: Readonly<
    Record<
      string,
      | { readonly supervision: 'box' }
      | { readonly supervision: 'image'; readonly present: 0 | 1 }
      | { readonly supervision: 'none' }
    >
  >;
}

type Column = Exclude<keyof ClassCensus, 'class'>;

function columnOf(film: CensusFilm, name: string): Column {
  const reading = Object.hasOwn(film.readings, name) ? film.readings[name] : undefined;
  switch (reading?.supervision) {
    case 'box':
      return film.boxes.some((box) => box.class === name) ? 'boxPresent' : 'boxAbsent';
    case 'image':
      return reading.present === 1 ? 'imagePresent' : 'imageAbsent';
    default:
      return 'none';
  }
}

/**
 * Withholds small counts. Where exactly one count of a row is small, the smallest other count above zero goes too:
 * otherwise the row's known total would give the small one away.
 */
function suppress(counts: Readonly<Record<Column, number>>, below: number): Record<Column, number | null> {
  const rising = (Object.entries(counts) as [Column, number][])
    .filter(([, value]) => value > 0)
    .sort(([, a], [, b]) => a - b);
  const small = rising.filter(([, value]) => value < below).length;
  const withheld = new Set(rising.slice(0, small === 1 ? 2 : small).map(([column]) => column));
  const shown = (column: Column): number | null => (withheld.has(column) ? null : counts[column]);
  return {
    boxPresent: shown('boxPresent'),
    boxAbsent: shown('boxAbsent'),
    imagePresent: shown('imagePresent'),
    imageAbsent: shown('imageAbsent'),
    none: shown('none'),
  };
}

/**
 * @param classes       of the plan, in its order
 * @param suppressBelow counts in 1 … suppressBelow − 1 are withheld; 1 shows all
 */
export function takeCensus(
  films: readonly CensusFilm[],
  classes: readonly string[],
  suppressBelow = 5,
): Census {
  return {
    version: 1,
    suppressBelow,
    films: films.length > 0 && films.length < suppressBelow ? null : films.length,
    classes: classes.map((name) => {
      const counts = { boxPresent: 0, boxAbsent: 0, imagePresent: 0, imageAbsent: 0, none: 0 };
      for (const film of films) counts[columnOf(film, name)] += 1;
      return { class: name, ...suppress(counts, suppressBelow) };
    }),
  };
}
