import type { FilmRecord } from '../data/film.js';

/**
 * Films that show as many classes as `count` allows: the classes take turns, each with its next film that has a box of
 * it; then other films with boxes, then any. The same list gives the same choice.
 */
export function chooseFilms(
  films: readonly FilmRecord[],
  classes: readonly string[],
  count: number,
): FilmRecord[] {
  const chosen = new Set<FilmRecord>();
  const waiting = classes.map((name) => films.filter((film) => film.boxes.some((box) => box.class === name)));
  while (chosen.size < count && waiting.some((list) => list.length > 0)) {
    for (const list of waiting) {
      let film = list.shift();
      while (film !== undefined && chosen.has(film)) film = list.shift();
      if (film !== undefined && chosen.size < count) chosen.add(film);
    }
  }
  for (const film of films) if (chosen.size < count) chosen.add(film);
  return [...chosen];
}
