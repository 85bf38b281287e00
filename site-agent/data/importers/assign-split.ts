import { createHash } from 'node:crypto';
import type { FilmRecord } from '../film.js';

export interface SplitRule {
  /** `source` follows the publisher's split where it has one. */
  readonly by: 'patient' | 'source';
  /** Share of the patients that is held out, 0 … 1. */
  readonly val: number;
}

/**
 * Train or val for each patient, so that no patient is in both. By a hash of the patient's name in the source: it depends
 * on nothing else, so films that come later join their patient, and another order changes nothing. Where the publisher
 * holds out a film of a patient, all of the patient's films are held out.
 */
export function assignSplits(
  films: readonly { readonly patient: string; readonly split?: FilmRecord['split'] | undefined }[],
  { by, val }: SplitRule,
): Map<string, FilmRecord['split']> {
  const published = new Map<string, FilmRecord['split']>();
  for (const { patient, split } of films) {
    if (by === 'source' && split !== undefined && published.get(patient) !== 'val')
      published.set(patient, split);
  }
  const patients = new Set(films.map(({ patient }) => patient));
  return new Map(
    [...patients].map((patient) => [
      patient,
      published.get(patient) ?? (shareOf(patient) < val ? 'val' : 'train'),
    ]),
  );
}

/** Uniform in [0, 1). */
function shareOf(patient: string): number {
  const digest = createHash('sha256').update(`split\n${patient}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}
