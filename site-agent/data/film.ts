import { z } from 'zod';
import { FILM_KINDS, type FilmKind } from '@fedoxnet/shared/study/stage-plan';
import { AGE_BANDS, FILM_VIEWS, SEXES } from '@fedoxnet/shared/study/census';

/** What a site knows about one class on one film. Unknown is never negative. */
export const SUPERVISIONS = FILM_KINDS;
export type Supervision = FilmKind;

/**
 * One class's reading of one film.
 * `box`: every lesion of the class on the film is boxed (no boxes = read and negative).
 * `image`: present (1) or absent (0) in the film, place unknown. A class that is not listed is unknown.
 */
export const classReading = z.discriminatedUnion('supervision', [
  z.object({ supervision: z.literal('box') }),
  z.object({ supervision: z.literal('image'), present: z.union([z.literal(0), z.literal(1)]) }),
]);
export type ClassReading = z.infer<typeof classReading>;

/** Pixels of the original film, origin top left, x to the right, y down. */
export const lesionBox = z.object({
  class: z.string(),
  x: z.number(),
  y: z.number(),
  width: z.number().positive(),
  height: z.number().positive(),
});
export type LesionBox = z.infer<typeof lesionBox>;

export const filmRecord = z.object({
  /** Made up at import, says nothing about the patient. */
  id: z.string().min(1),
  /** Image path relative to the catalogue's folder. */
  file: z.string().min(1),
  width: z.number().int().min(1),
  height: z.number().int().min(1),
  /** Films of one patient share it; stays at the site. */
  patient: z.string().min(1),
  split: z.enum(['train', 'val']),
  /** Known of some films only; all a catalogue holds of a patient, and at no finer grain than the census needs. */
  view: z.enum(FILM_VIEWS).optional(),
  sex: z.enum(SEXES).optional(),
  ageBand: z.enum(AGE_BANDS).optional(),
  /** 0 … 255 after stretching the film's darkest value to 0 and its brightest to 255; of films that were decoded at import. */
  meanGrey: z.number().min(0).max(255).optional(),
  /** Days since the patient's first film here: all that is kept of dates. */
  day: z.number().int().min(0).optional(),
  boxes: z.array(lesionBox),
  /** By class name. */
  readings: z.record(z.string(), classReading),
});
export type FilmRecord = z.infer<typeof filmRecord>;

/** A site's own list of its films: `catalogue.json` in its data folder. Written by the importers, read by the trainer. */
export const catalogue = z.object({
  version: z.literal(1),
  source: z.string(),
  classes: z.array(z.string()),
  films: z.array(filmRecord),
});
export type Catalogue = z.infer<typeof catalogue>;
