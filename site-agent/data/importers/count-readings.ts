import type { Catalogue, FilmRecord } from '../film.js';
import type { ClassCounts, ImportSummary } from './import-report.js';

interface BySplit {
  readonly train: number;
  readonly val: number;
}

function bySplit(films: readonly FilmRecord[], count: (film: FilmRecord) => number): BySplit {
  const sums = { train: 0, val: 0 };
  for (const film of films) sums[film.split] += count(film);
  return sums;
}

export function countSplits(films: readonly FilmRecord[]): Pick<ImportSummary, 'films' | 'patients'> {
  const seen = new Set<string>();
  const isNew = ({ patient }: FilmRecord): number => {
    if (seen.has(patient)) return 0;
    seen.add(patient);
    return 1;
  };
  return { films: bySplit(films, () => 1), patients: bySplit(films, isNew) };
}

export function countClasses({ classes, films }: Catalogue): ClassCounts[] {
  return classes.map((name) => {
    const read = (is: (reading: FilmRecord['readings'][string] | undefined) => boolean): BySplit =>
      bySplit(films, (film) => (is(film.readings[name]) ? 1 : 0));
    return {
      class: name,
      boxes: bySplit(films, (film) => film.boxes.filter((box) => box.class === name).length),
      boxRead: read((reading) => reading?.supervision === 'box'),
      present: read((reading) => reading?.supervision === 'image' && reading.present === 1),
      absent: read((reading) => reading?.supervision === 'image' && reading.present === 0),
      unknown: read((reading) => reading === undefined),
    };
  });
}
