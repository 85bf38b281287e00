import type { FilmRecord, Supervision } from './film.js';

/** What a reading says about each class of the plan, as the masks the losses use. K = number of classes. */
export interface ReadingMasks {
  readonly tier: Supervision;
  /** [K] 1 where every lesion of the class on the film is boxed. */
  readonly boxKnown: Uint8Array;
  /** [K] 1 where presence is known; boxKnown implies it. */
  readonly labelKnown: Uint8Array;
  /** [K] 1 present, 0 absent; meaningless where labelKnown is 0. */
  readonly label: Uint8Array;
}

/** A class that the reading does not list stays unknown: it is never taken as absent. */
export function readingMasks(film: FilmRecord, classes: readonly string[]): ReadingMasks {
  const boxKnown = new Uint8Array(classes.length);
  const labelKnown = new Uint8Array(classes.length);
  const label = new Uint8Array(classes.length);
  for (const [k, name] of classes.entries()) {
    const reading = film.readings[name];
    if (reading === undefined) continue;
    labelKnown[k] = 1;
    if (reading.supervision === 'box') {
      boxKnown[k] = 1;
      label[k] = film.boxes.some((box) => box.class === name) ? 1 : 0;
    } else {
      label[k] = reading.present;
    }
  }
  const tier = boxKnown.includes(1) ? 'box' : labelKnown.includes(1) ? 'image' : 'none';
  return { tier, boxKnown, labelKnown, label };
}
