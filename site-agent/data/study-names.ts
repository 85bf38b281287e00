import { namesOf, type LabelNames } from '@fedoxnet/shared/study/label-names';
import type { Catalogue, ClassReading, FilmRecord, LesionBox } from './film.js';

/** The part of a plan that says what its classes are and what sites may call them. */
export interface StudyNames {
  readonly classes: readonly string[];
  readonly labels?: LabelNames | undefined;
}

/**
 * A catalogue in the words of a study. Where several of the site's names mean one class, the class is present when one of
 * them is, absent when all are, and every lesion of it is boxed only when every lesion of each of them is; else it is
 * unknown, which is never negative. Names that the study does not know are left out.
 */
export function inStudyNames<C extends Pick<Catalogue, 'classes' | 'films'>>(
  catalogue: C,
  { classes, labels }: StudyNames,
): C {
  if (labels === undefined) return catalogue;
  const names = classes.map((name) => [name, namesOf(name, labels, catalogue.classes)] as const);
  return {
    ...catalogue,
    classes: names.filter(([, used]) => used.length > 0).map(([name]) => name),
    films: catalogue.films.map((film) => translate(film, names)),
  };
}

function translate(
  film: FilmRecord,
  names: readonly (readonly [name: string, used: readonly string[]])[],
): FilmRecord {
  const readings: Record<string, ClassReading> = {};
  const boxes: LesionBox[] = [];
  for (const [name, used] of names) {
    boxes.push(
      ...distinct(
        film.boxes.filter((box) => used.includes(box.class)),
        name,
      ),
    );
    const reading = together(film, used);
    if (reading !== null) readings[name] = reading;
  }
  return { ...film, boxes, readings };
}

/** What several names say of one class; null when that is not enough to know anything. */
function together(film: FilmRecord, names: readonly string[]): ClassReading | null {
  const readings = names.map((name) =>
    Object.hasOwn(film.readings, name) ? film.readings[name] : undefined,
  );
  if (readings.length === 0) return null;
  if (readings.every((reading) => reading?.supervision === 'box')) return { supervision: 'box' };
  const isPresent = names.some((name, at) => {
    const reading = readings[at];
    return reading?.supervision === 'image'
      ? reading.present === 1
      : reading !== undefined && film.boxes.some((box) => box.class === name);
  });
  if (isPresent) return { supervision: 'image', present: 1 };
  return readings.every((reading) => reading !== undefined) ? { supervision: 'image', present: 0 } : null;
}

/** The same lesion may have been boxed under two names. */
function distinct(boxes: readonly LesionBox[], name: string): LesionBox[] {
  const seen = new Map(boxes.map((box) => [[box.x, box.y, box.width, box.height].join(), box]));
  return [...seen.values()].map((box) => ({ ...box, class: name }));
}
