import { FederationError } from '@fedoxnet/shared/errors';
import type { SiteDescription } from '@fedoxnet/shared/protocol/socket-messages';
import { readCatalogue } from '../data/catalogue-file.js';
import type { FilmRecord, Supervision } from '../data/film.js';
import { readingMasks } from '../data/supervision.js';

/**
 * How many films the site has, for the dashboard until a trainer has loaded them; box, image and none count training films
 * by their strongest supervision of any class in the catalogue.
 * @throws {FederationError} `DATA_MISSING`, `DATA_INVALID` or `BOX_OUTSIDE_FILM` as readCatalogue, `NO_USABLE_FILMS` for an empty one
 */
export async function countFilms(data: string): Promise<SiteDescription['films']> {
  const { classes, films } = await readCatalogue(data);
  if (films.length === 0)
    throw new FederationError('NO_USABLE_FILMS', `The catalogue in ${data} lists no films.`);
  const train = films.filter((film) => film.split === 'train');
  return { train: train.length, val: films.length - train.length, ...kindsOf(train, classes) };
}

/** Films by the strongest thing that they say of any of the classes. */
export function kindsOf(
  films: readonly FilmRecord[],
  classes: readonly string[],
): Readonly<Record<Supervision, number>> {
  const counts = { box: 0, image: 0, none: 0 };
  for (const film of films) counts[readingMasks(film, classes).tier] += 1;
  return counts;
}
