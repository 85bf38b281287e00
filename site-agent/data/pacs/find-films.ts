import { FederationError } from '@fedoxnet/shared/errors';
import { withRetries, type RetryOptions } from '../../agent/back-off.js';
import { dateOf, dayOf, daysBetween } from './dicom-date.js';
import { inOrder } from './in-order.js';
import { FILM_CLASSES, TooMuchFound, type FilmPlace, type FilmQuery, type Pacs } from './pacs.js';

/** Days asked for at once: a PACS with limits on its answers often drops the rest without a word. */
const SLICE_DAYS = 31;

export interface FindOptions extends RetryOptions {
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/**
 * Every film that fits, once: studies slice of days by slice, then their series, then the instances (the hierarchical
 * search that every PACS has), several studies at once. Series of other modalities or body parts, and objects that are no
 * films, are left out here; the rest is for the door to judge.
 * @throws {FederationError} as `Pacs`; `PACS_ANSWER_INVALID` when one day has more studies than the PACS will tell
 */
export async function* findFilms(
  pacs: Pacs,
  query: FilmQuery,
  options: FindOptions,
): AsyncGenerator<FilmPlace> {
  const studies = new Set<string>();
  for (const modality of query.modalities)
    for (const [from, to] of slices(query.from, query.to))
      for (const study of await studiesOf(pacs, { modality, from, to }, options)) studies.add(study);

  const seen = new Set<string>();
  let searched = 0;
  for await (const films of inOrder(studies, pacs.connections, (study) =>
    filmsOf(pacs, study, query, options),
  )) {
    options.onProgress?.(++searched, studies.size);
    for (const film of films) {
      if (seen.has(film.instance)) continue;
      seen.add(film.instance);
      yield film;
    }
  }
}

interface Slice {
  readonly modality: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** Halves the days as long as the PACS says that it is too much. */
async function studiesOf(pacs: Pacs, slice: Slice, options: FindOptions): Promise<string[]> {
  const { modality, from, to } = slice;
  try {
    return await withRetries(() => pacs.studies(slice, options.signal), options);
  } catch (error) {
    if (!(error instanceof TooMuchFound)) throw error;
    if (from === null || to === null || from === to)
      throw new FederationError(
        'PACS_ANSWER_INVALID',
        from === to && from !== null
          ? `The PACS at ${pacs.place} does not list all studies of one day with ${modality}.`
          : `The PACS at ${pacs.place} has more studies with ${modality} than it lists: give the first and last day.`,
        { cause: error },
      );
    const middle = dayOf(from) + Math.floor(daysBetween(from, to) / 2);
    const [first, second] = [
      { modality, from, to: dateOf(middle) },
      { modality, from: dateOf(middle + 1), to },
    ];
    return [...(await studiesOf(pacs, first, options)), ...(await studiesOf(pacs, second, options))];
  }
}

async function filmsOf(
  pacs: Pacs,
  study: string,
  { modalities, bodyPart }: FilmQuery,
  options: FindOptions,
): Promise<FilmPlace[]> {
  const fits = (wanted: readonly string[], said: string | null): boolean =>
    said === null || wanted.some((word) => word.toUpperCase() === said.toUpperCase());
  const all = await withRetries(() => pacs.series(study, options.signal), options);
  const wanted = all.filter(
    (found) => fits(modalities, found.modality) && (bodyPart === null || fits([bodyPart], found.bodyPart)),
  );
  const films: FilmPlace[] = [];
  for (const { series } of wanted)
    for (const found of await withRetries(() => pacs.instances(study, series, options.signal), options))
      if (found.sopClass === null || FILM_CLASSES.includes(found.sopClass))
        films.push({ study, series, instance: found.instance });
  return films;
}

/** From the first day to the last in pieces; one piece where an end is open. */
function* slices(from: string | null, to: string | null): Generator<[string | null, string | null]> {
  if (from === null || to === null) {
    yield [from, to];
    return;
  }
  const last = dayOf(to);
  for (let day = dayOf(from); day <= last; day += SLICE_DAYS)
    yield [dateOf(day), dateOf(Math.min(last, day + SLICE_DAYS - 1))];
}
