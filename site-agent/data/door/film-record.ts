import type { FilmRecord } from '../film.js';
import type { RegisterEntry } from './film-register.js';

/** What labels make of a film, in pixels of the film as it is kept. */
export type FilmReading = Pick<FilmRecord, 'boxes' | 'readings'>;

export const UNREAD: FilmReading = { boxes: [], readings: {} };

/** Where a film lies in the site's data folder. */
export function filmFile(id: string): string {
  return `films/${id}.png`;
}

/** The catalogue's line of a film: of its header only what is coarse enough to say of many. */
export function toRecord(entry: RegisterEntry, reading: FilmReading, split: FilmRecord['split']): FilmRecord {
  const { id, patient, picture } = entry;
  if (picture === null) throw new Error(`${id} has no picture`);
  const { stored, meanGrey, view, sex, ageBand } = picture;
  return {
    id,
    file: filmFile(id),
    width: stored.width,
    height: stored.height,
    patient,
    split,
    ...(view && { view }),
    ...(sex && { sex }),
    ...(ageBand && { ageBand }),
    meanGrey,
    boxes: reading.boxes,
    readings: reading.readings,
  };
}

/** Says on which day of the patient's films here each film was taken; dates themselves stay in the register. */
export function withStudyDays(
  films: readonly FilmRecord[],
  find: (id: string) => RegisterEntry | null,
): FilmRecord[] {
  const dayOf = (id: string): number | null => {
    const date = find(id)?.studyDate ?? null;
    if (date === null) return null;
    const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)].map(Number);
    const ms = Date.UTC(year as number, (month as number) - 1, day as number);
    return Number.isFinite(ms) ? Math.round(ms / 86_400_000) : null;
  };
  const first = new Map<string, number>();
  for (const { id, patient } of films) {
    const day = dayOf(id);
    if (day !== null) first.set(patient, Math.min(day, first.get(patient) ?? Infinity));
  }
  return films.map((film) => {
    const day = dayOf(film.id);
    if (day === null) return film;
    return { ...film, day: day - (first.get(film.patient) as number) };
  });
}
