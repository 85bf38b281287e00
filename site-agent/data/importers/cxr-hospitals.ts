import { createHash } from 'node:crypto';
import { NIH_CLASSES, type CxrFilm } from './cxr-tables.js';

/** The four hospitals into which the films are divided for a study: by what their reading says. */
export const CXR_HOSPITALS = ['nih-boxes', 'rsna-boxes', 'nih-labels', 'unlabelled'] as const;
export type CxrHospital = (typeof CXR_HOSPITALS)[number];

/**
 * Which hospital holds each patient; a patient is in one only, and the answer depends on the tables alone.
 * Training patients of NIH: with NIH boxes → `nih-boxes`; with an RSNA reading → `rsna-boxes`; with both, to
 * `nih-boxes` when a box is Cardiomegaly (rare, and what the study is judged by), else to either by a hash of the
 * patient; with neither → `nih-labels`. Held-out patients of NIH are divided alike, but those with neither go to
 * `nih-boxes`, whose reading covers them. Films of other sources carry no reading: `unlabelled`, training only.
 */
export function divideByPatient(films: readonly CxrFilm[]): Map<string, CxrHospital> {
  const byPatient = new Map<string, CxrFilm[]>();
  for (const film of films) {
    const list = byPatient.get(film.patient);
    if (list === undefined) byPatient.set(film.patient, [film]);
    else list.push(film);
  }
  return new Map([...byPatient].map(([patient, list]) => [patient, hospitalOf(patient, list)]));
}

function hospitalOf(patient: string, films: readonly CxrFilm[]): CxrHospital {
  if (films.every((film) => film.set !== 'nih')) return 'unlabelled';
  const boxed = films.flatMap((film) => film.boxes.map((box) => box.class));
  const nihBoxed = boxed.some((name) => (NIH_CLASSES as readonly string[]).includes(name));
  const rsnaRead = films.some((film) => film.rsnaRead);
  if (!nihBoxed && !rsnaRead) return films[0]?.split === 'val' ? 'nih-boxes' : 'nih-labels';
  if (!rsnaRead || boxed.includes('Cardiomegaly')) return 'nih-boxes';
  if (!nihBoxed) return 'rsna-boxes';
  const coin = createHash('sha256').update(patient).digest()[0] as number;
  return coin % 2 === 0 ? 'nih-boxes' : 'rsna-boxes';
}
