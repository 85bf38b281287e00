import type { FilmRecord } from '@fedoxnet/site-agent/data/film';

/** A training film of 64 × 64 pixels and a patient of its own, read for nothing, but for what the test changes. */
export function filmRecord(id: string, change: Partial<FilmRecord> = {}): FilmRecord {
  return {
    ...{ id, file: `${id}.png`, width: 64, height: 64, patient: id, split: 'train' },
    ...{ boxes: [], readings: {} },
    ...change,
  };
}
