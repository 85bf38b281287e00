import type { FilmRecord, LesionBox } from '../film.js';
import type { LabelMap } from '../label-map.js';
import type { ImportReport, Place } from './import-report.js';
import type { Mark, MarkedBox, SourceFilm } from './source-film.js';

/** What to make of a label that its source calls uncertain. */
export type UncertainPolicy = 'unknown' | 'present' | 'absent';

export interface ReadingRules {
  readonly map: LabelMap;
  readonly uncertain: UncertainPolicy;
  /** The film's own size, pixels. */
  readonly width: number;
  readonly height: number;
  /** Grid in which the boxes are given; the film's own pixels when left out. */
  readonly grid?: { readonly width: number; readonly height: number } | undefined;
}

/** Label tables round: a box may pass its film's border by this many pixels. */
const BORDER_TOLERANCE = 1;

/** Everything that was said of one class on one film. */
interface Evidence {
  readonly boxes: LesionBox[];
  /** A box was there that cannot be used: the boxes of the class are no longer all of it. */
  lostBox: boolean;
  disputed: boolean;
  present: boolean;
  uncertain: boolean;
  absent: Place | null;
}

/**
 * Turns the marks of a film into boxes and readings of the study's classes. What nobody said stays unknown: a class is
 * absent only where a mark says so, a covering "No Finding" does, or the label map calls the class exhaustive.
 */
export function readFilm(
  film: SourceFilm,
  rules: ReadingRules,
  report: ImportReport,
): Pick<FilmRecord, 'boxes' | 'readings'> {
  const { map } = rules;
  const evidence = new Map<string, Evidence>();
  const of = (name: string): Evidence => {
    const known = evidence.get(name);
    if (known !== undefined) return known;
    const fresh = {
      boxes: [],
      lostBox: false,
      disputed: false,
      present: false,
      uncertain: false,
      absent: null,
    };
    evidence.set(name, fresh);
    return fresh;
  };
  for (const mark of film.marks) addMark(mark, film, rules, of, report);
  const boxes: LesionBox[] = [];
  const readings: FilmRecord['readings'] = {};
  for (const [name, { exhaustive }] of Object.entries(map.classes)) {
    const found = evidence.get(name);
    if (found !== undefined) boxes.push(...found.boxes);
    const reading = readClass(name, found, exhaustive, film, rules.uncertain, report);
    if (reading !== null) readings[name] = reading;
  }
  return { boxes, readings };
}

function addMark(
  { label, says, at }: Mark,
  film: SourceFilm,
  rules: ReadingRules,
  of: (name: string) => Evidence,
  report: ImportReport,
): void {
  const { labels, noFinding } = rules.map;
  if (Object.hasOwn(noFinding, label)) {
    // Only a plain yes says something: that "No Finding" is false names no class.
    if (says === 'present') for (const name of noFinding[label]!) of(name).absent ??= at;
    return;
  }
  if (!Object.hasOwn(labels, label)) {
    report.refuse(at, `the label map does not know "${label}"`);
    return;
  }
  const name = labels[label]!;
  if (name === null) return;
  const found = of(name);
  if (typeof says === 'object') addBox(says, name, found, film, rules, at, report);
  else if (says === 'crowd') found.lostBox = true;
  else if (says === 'absent') found.absent ??= at;
  else found[says] = true;
}

function addBox(
  given: MarkedBox,
  name: string,
  found: Evidence,
  film: SourceFilm,
  { width, height, grid }: ReadingRules,
  at: Place,
  report: ImportReport,
): void {
  const [scaleX, scaleY] = grid === undefined ? [1, 1] : [width / grid.width, height / grid.height];
  const box = {
    class: name,
    x: given.x * scaleX,
    y: given.y * scaleY,
    width: given.width * scaleX,
    height: given.height * scaleY,
  };
  const refuse = (reason: string): void => {
    found.lostBox = true;
    report.refuse(at, reason);
  };
  const size = `${given.x},${given.y} ${given.width}×${given.height}`;
  if (!(box.width > 0 && box.height > 0)) return refuse(`the box ${size} of ${film.key} has no area`);
  const isInside =
    box.x >= -BORDER_TOLERANCE &&
    box.y >= -BORDER_TOLERANCE &&
    box.x + box.width <= width + BORDER_TOLERANCE &&
    box.y + box.height <= height + BORDER_TOLERANCE;
  if (!isInside) return refuse(`the box ${size} leaves ${film.key} of ${width}×${height} pixels`);
  found.boxes.push(box);
}

function readClass(
  name: string,
  found: Evidence | undefined,
  exhaustive: LabelMap['classes'][string]['exhaustive'],
  film: SourceFilm,
  uncertain: UncertainPolicy,
  report: ImportReport,
): FilmRecord['readings'][string] | null {
  const absent = (): FilmRecord['readings'][string] =>
    film.read === 'box' && exhaustive.boxes === 'yes'
      ? { supervision: 'box' }
      : { supervision: 'image', present: 0 };
  if (found === undefined) return film.read !== 'none' && exhaustive.films === 'yes' ? absent() : null;
  const boxed = found.boxes.length > 0 || found.lostBox;
  if ((boxed || found.present) && found.absent !== null) {
    report.refuse(found.absent, `${film.key} is said to have ${name} and to be free of it: unknown`);
    return null;
  }
  if (boxed) {
    const all = !found.lostBox && !found.disputed && exhaustive.boxes === 'yes';
    return all ? { supervision: 'box' } : { supervision: 'image', present: 1 };
  }
  if (found.present) return { supervision: 'image', present: 1 };
  if (found.disputed) return null;
  if (found.uncertain) {
    if (uncertain === 'unknown') return null;
    return uncertain === 'present' ? { supervision: 'image', present: 1 } : absent();
  }
  return absent();
}
