/** One cell of a table of films: how many, of how many patients. */
export interface Cell {
  readonly films: number;
  readonly patients: number;
}

/**
 * Withholds (null) what could point at a person in a row of counts whose total is known. A cell is small when it holds
 * films of 1 … below − 1 patients; an empty cell says nothing of anybody.
 * - Without a small cell everything is shown.
 * - Else the small cells go, and with them every cell that holds the least number of films among the others: the total
 *   minus what is shown is then a sum of at least one small and one larger count. Any permutation of the withheld
 *   counts gives the same row, so each of them could be either.
 * - When only small cells hold films the whole row goes, empty cells as well, because which are empty would tell.
 * The tests try all rows of few films and look for a withheld count that only one row explains.
 */
export function withhold(row: readonly Cell[], below: number): (number | null)[] {
  const isSmall = ({ films, patients }: Cell): boolean => films > 0 && patients < below;
  if (!row.some(isSmall)) return row.map(({ films }) => films);
  const others = row.filter((cell) => cell.films > 0 && !isSmall(cell));
  if (others.length === 0) return row.map(() => null);
  const least = Math.min(...others.map(({ films }) => films));
  return row.map((cell) => (isSmall(cell) || cell.films === least ? null : cell.films));
}
