import { z } from 'zod';
import { withhold, type Cell } from './withhold.js';

/**
 * What a site holds, without saying anything about a patient: films by class and supervision, by view, sex, age, size and
 * grey level, training and held-out films apart. Counts that rest on few patients are withheld (null): `withhold.ts`.
 */
const count = z.number().int().min(0).nullable();

/** Each film lies in one column of a class's row. */
export const classCensus = z.strictObject({
  class: z.string().min(1).max(64),
  /** False when the site's label map has no name for the class: its films can never say anything of it. */
  mapped: z.boolean(),
  /** Films on which every lesion of the class is boxed, with at least one box, or read and free of it. */
  boxPresent: count,
  boxAbsent: count,
  /** Films with an image-level label of the class and no usable boxes. */
  imagePresent: count,
  imageAbsent: count,
  /** Films whose reading says nothing of the class. */
  none: count,
});
export type ClassCensus = z.infer<typeof classCensus>;

export const AGE_BANDS = ['0-17', '18-39', '40-59', '60-79', '80+'] as const;
export type AgeBand = (typeof AGE_BANDS)[number];
export const SEXES = ['F', 'M', 'O'] as const;
export const FILM_VIEWS = ['PA', 'AP'] as const;

/** The columns of the tables that do not depend on the study; each film lies in one column of each. */
export const CENSUS_TABLES = {
  view: [...FILM_VIEWS, 'unknown'],
  sex: [...SEXES, 'unknown'],
  age: [...AGE_BANDS, 'unknown'],
  /** Longer side of the film's file, pixels. */
  longSide: ['1-512', '513-1024', '1025-2048', '2049-3072', '3073+'],
  /** Mean grey level of the film, its darkest value at 0 and its brightest at 255. */
  meanGrey: ['0-63', '64-95', '96-127', '128-159', '160-191', '192-255', 'unknown'],
} as const;
export type CensusTable = keyof typeof CENSUS_TABLES;

/** The counts of a class's row, which add up to the films. */
export function countsOf(entry: ClassCensus): (number | null)[] {
  return [entry.boxPresent, entry.boxAbsent, entry.imagePresent, entry.imageAbsent, entry.none];
}

/** Every film lies in one column of each row: what a row shows cannot be more, and all of it is neither more nor less. */
function contradiction(films: number | null, counts: readonly (number | null)[]): string | null {
  const shown = counts.filter((entry) => entry !== null);
  if (films === null) return shown.length === 0 ? null : 'counts are shown of films whose number is withheld';
  const sum = shown.reduce((total, entry) => total + entry, 0);
  const isWrong = shown.length === counts.length ? sum !== films : sum > films;
  return isWrong ? `the counts add up to ${sum} of ${films} films` : null;
}

const row = (table: CensusTable) => z.array(count).length(CENSUS_TABLES[table].length);
export const splitCensus = z
  .strictObject({
    films: count,
    classes: z.array(classCensus).max(64),
    tables: z.strictObject({
      view: row('view'),
      sex: row('sex'),
      age: row('age'),
      longSide: row('longSide'),
      meanGrey: row('meanGrey'),
    }),
  })
  .superRefine(({ films, classes, tables }, context) => {
    const rows = [
      ...classes.map((entry) => ({ path: ['classes', entry.class], counts: countsOf(entry) })),
      ...Object.entries(tables).map(([name, counts]) => ({ path: ['tables', name], counts })),
    ];
    for (const { path, counts } of rows) {
      const message = contradiction(films, counts);
      if (message !== null) context.addIssue({ code: 'custom', path, message });
    }
  });
export type SplitCensus = z.infer<typeof splitCensus>;

export const census = z.strictObject({
  version: z.literal(1),
  /** Counts of films of 1 … suppressBelow − 1 patients are withheld; 1 shows all. */
  suppressBelow: z.number().int().min(1).max(1000),
  train: splitCensus,
  val: splitCensus,
});
export type Census = z.infer<typeof census>;

/** What the census needs of a film. A class that `readings` does not list is unknown there. */
export interface CensusFilm {
  readonly patient: string;
  readonly width: number;
  readonly height: number;
  readonly view?: (typeof FILM_VIEWS)[number] | undefined;
  readonly sex?: (typeof SEXES)[number] | undefined;
  readonly ageBand?: AgeBand | undefined;
  readonly meanGrey?: number | undefined;
  readonly boxes: readonly { readonly class: string }[];
  readonly readings: Readonly<
    Record<
      string,
      { readonly supervision: 'box' } | { readonly supervision: 'image'; readonly present: 0 | 1 }
    >
  >;
}

/** Films of one cell, and whose they are. */
class Tally {
  films = 0;
  readonly #patients = new Set<string>();

  add(film: CensusFilm): void {
    this.films += 1;
    this.#patients.add(film.patient);
  }

  get cell(): Cell {
    return { films: this.films, patients: this.#patients.size };
  }
}

type Column = Exclude<keyof ClassCensus, 'class' | 'mapped'>;

function columnOf(film: CensusFilm, name: string): Column {
  const reading = Object.hasOwn(film.readings, name) ? film.readings[name] : undefined;
  if (reading === undefined) return 'none';
  if (reading.supervision === 'image') return reading.present === 1 ? 'imagePresent' : 'imageAbsent';
  return film.boxes.some((box) => box.class === name) ? 'boxPresent' : 'boxAbsent';
}

const tally = (films: readonly CensusFilm[]): Cell => {
  const counted = new Tally();
  films.forEach((film) => counted.add(film));
  return counted.cell;
};

/**
 * Protected at two levels, because how many films have boxes or image labels at all is known from elsewhere (a site
 * describes itself with them): first the films of each supervision, then present and absent within one that is shown.
 */
function classRow(films: readonly CensusFilm[], name: string, mapped: boolean, below: number): ClassCensus {
  const of = (...columns: Column[]): Cell =>
    tally(films.filter((film) => columns.includes(columnOf(film, name))));
  const pairs = [['boxPresent', 'boxAbsent'] as const, ['imagePresent', 'imageAbsent'] as const];
  const [box, image, none] = withhold([...pairs.map((pair) => of(...pair)), of('none')], below);
  const inside = (index: 0 | 1, total: number | null | undefined): (number | null)[] =>
    total === null
      ? [null, null]
      : withhold(
          pairs[index]!.map((column) => of(column)),
          below,
        );
  const [boxPresent = null, boxAbsent = null] = inside(0, box);
  const [imagePresent = null, imageAbsent = null] = inside(1, image);
  return { class: name, mapped, boxPresent, boxAbsent, imagePresent, imageAbsent, none: none ?? null };
}

const bandOf = (value: number, bounds: readonly number[]): number =>
  bounds.filter((bound) => value >= bound).length;

/** Index of the film's column in each table. */
function columnsOf(film: CensusFilm): Record<CensusTable, number> {
  const listed = (names: readonly string[], value = 'unknown'): number => names.indexOf(value);
  return {
    view: listed(CENSUS_TABLES.view, film.view),
    sex: listed(CENSUS_TABLES.sex, film.sex),
    age: listed(CENSUS_TABLES.age, film.ageBand),
    longSide: bandOf(Math.max(film.width, film.height), [513, 1025, 2049, 3073]),
    meanGrey: film.meanGrey === undefined ? 6 : bandOf(film.meanGrey, [64, 96, 128, 160, 192]),
  };
}

/** The census of films of one split. @param mapped classes that the site's labels can speak of */
export function takeSplitCensus(
  films: readonly CensusFilm[],
  classes: readonly string[],
  mapped: ReadonlySet<string>,
  below: number,
): SplitCensus {
  const places = films.map(columnsOf);
  const table = (name: CensusTable): (number | null)[] => {
    const cells = CENSUS_TABLES[name].map((_, column) =>
      tally(films.filter((__, film) => places[film]![name] === column)),
    );
    return withhold(cells, below);
  };
  const total = tally(films);
  const isSmall = total.films > 0 && total.patients < below;
  const tables = {
    view: table('view'),
    sex: table('sex'),
    age: table('age'),
    longSide: table('longSide'),
    meanGrey: table('meanGrey'),
  };
  const rows = classes.map((name) => classRow(films, name, mapped.has(name), below));
  return { films: isSmall ? null : total.films, classes: rows, tables };
}

/**
 * @param films         of both splits
 * @param classes       of the plan, in its order
 * @param mapped        classes that the site's labels can speak of
 * @param suppressBelow counts of films of 1 … suppressBelow − 1 patients are withheld; 1 shows all
 */
export function takeCensus(
  films: readonly (CensusFilm & { readonly split: 'train' | 'val' })[],
  classes: readonly string[],
  mapped: readonly string[],
  suppressBelow = 5,
): Census {
  const known = new Set(mapped);
  const ofSplit = (split: 'train' | 'val'): SplitCensus =>
    takeSplitCensus(
      films.filter((film) => film.split === split),
      classes,
      known,
      suppressBelow,
    );
  return { version: 1, suppressBelow, train: ofSplit('train'), val: ofSplit('val') };
}
