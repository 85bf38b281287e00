import type { TrainingFilm } from '../data/training-film.js';
import type { Prototypes } from '../losses/prototypes.js';

/**
 * Films behind each prototype of a round, each counted once however often it was drawn. A mean over few films says too much
 * about each of them (FedHide, arXiv:2409.07808), so a site leaves out those of fewer than the plan asks for.
 */
export class PrototypeFilms {
  private readonly seen: readonly Set<number>[];

  constructor(
    private readonly films: readonly TrainingFilm[],
    classes: number,
  ) {
    this.seen = Array.from({ length: classes }, () => new Set<number>());
  }

  /** @param indexes of films that were drawn */
  add(indexes: readonly number[]): void {
    for (const index of indexes) {
      const { label, labelKnown } = this.films[index]!;
      this.seen.forEach((films, c) => {
        if (labelKnown[c] && label[c]) films.add(index);
      });
    }
  }

  /**
   * Withholds what rests on too few films.
   * @returns [K] films behind what is left, 0 where nothing is
   */
  withhold(prototypes: Prototypes, fewest: number): number[] {
    return this.seen.map(({ size }, c) => {
      if (size < fewest) prototypes.withhold(c);
      return prototypes.masses[c]! > 0 ? size : 0;
    });
  }
}
