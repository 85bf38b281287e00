import type { FilmRecord } from '../film.js';
import { NIH_CLASSES, RSNA_CLASS, type CxrFilm } from './cxr-tables.js';

type Readings = Pick<FilmRecord, 'boxes' | 'readings'>;

/**
 * NIH's boxes and mined labels together. A class with a box is boxed; a class whose label is absent is read and free of
 * it; a class with a label but no box is present somewhere: the box list is not exhaustive.
 */
export function nihBoxReading(film: CxrFilm): Readings {
  const boxes = film.boxes.filter((box) => (NIH_CLASSES as readonly string[]).includes(box.class));
  const readings: FilmRecord['readings'] = {};
  for (const name of NIH_CLASSES) {
    const boxed = boxes.some((box) => box.class === name);
    readings[name] =
      film.labels.has(name) && !boxed ? { supervision: 'image', present: 1 } : { supervision: 'box' };
  }
  return { boxes, readings };
}

/** NIH's mined labels alone. */
export function nihLabelReading(film: CxrFilm): Readings {
  const readings = NIH_CLASSES.map((name) => {
    const present = film.labels.has(name) ? 1 : 0;
    return [name, { supervision: 'image' as const, present: present as 0 | 1 }];
  });
  return { boxes: [], readings: Object.fromEntries(readings) as FilmRecord['readings'] };
}

/** The RSNA reading: every lung opacity boxed; `Normal` and `No Lung Opacity / Not Normal` have none. */
export function rsnaReading(film: CxrFilm): Readings {
  if (!film.rsnaRead) return { boxes: [], readings: {} };
  return {
    boxes: film.boxes.filter((box) => box.class === RSNA_CLASS),
    readings: { [RSNA_CLASS]: { supervision: 'box' } },
  };
}

/** Both readings at once: what a held-out film is scored against. */
export function fullReading(film: CxrFilm): Readings {
  if (film.set !== 'nih') return unread();
  const nih = nihBoxReading(film);
  const rsna = rsnaReading(film);
  return { boxes: [...nih.boxes, ...rsna.boxes], readings: { ...nih.readings, ...rsna.readings } };
}

export function unread(): Readings {
  return { boxes: [], readings: {} };
}
