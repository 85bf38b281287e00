import type { TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { Random } from '../random.js';
import type { Supervision } from './film.js';
import type { TrainingFilm } from './training-film.js';

/** Draws from a fixed set of films: each once, in random order, before any comes again. */
class Deck {
  private next: number;

  constructor(
    private readonly films: number[],
    private readonly random: Random,
  ) {
    this.next = films.length;
  }

  get size(): number {
    return this.films.length;
  }

  draw(): number {
    if (this.next === this.films.length) {
      this.random.shuffle(this.films);
      this.next = 0;
    }
    return this.films[this.next++]!;
  }
}

/**
 * Mini-batches mixed from whatever supervision a site holds. The plan names how many films of each kind it wants; the share
 * of a kind the site lacks goes to the others in proportion. Films without box-annotated lesions, and films of the other
 * kinds, come epoch by epoch. Films with boxes are drawn by class: class c with weight √(films with a box of c), read
 * and empty films as one more class, then a film of that class. Rare findings are seen more often than their share and
 * common ones still most often.
 */
export class FilmSampler {
  private readonly counts: ReadonlyMap<Supervision, number>;
  private readonly decks = new Map<Supervision, readonly Deck[]>();

  /**
   * @param use the kinds that can teach something in this round
   * @param random the sampler's own stream: equal streams give equal batches
   */
  constructor(
    films: readonly TrainingFilm[],
    batch: TrainingPlan['batch'],
    use: readonly Supervision[],
    private readonly random: Random,
  ) {
    for (const tier of use) {
      const decks = tier === 'box' ? decksByClass(films, random) : [deckOf(films, tier, random)];
      const filled = decks.filter((deck) => deck.size > 0);
      if (filled.length > 0) this.decks.set(tier, filled);
    }
    this.counts = shares(batch, [...this.decks.keys()]);
  }

  /** Films per batch of each kind; empty when no film can teach anything. */
  get composition(): ReadonlyMap<Supervision, number> {
    return this.counts;
  }

  /** @returns indexes into the film list, boxed films first */
  draw(): number[] {
    const batch: number[] = [];
    for (const [tier, count] of this.counts) {
      const decks = this.decks.get(tier)!;
      for (let i = 0; i < count; i++) batch.push(this.pick(decks).draw());
    }
    return batch;
  }

  private pick(decks: readonly Deck[]): Deck {
    const total = decks.reduce((sum, deck) => sum + Math.sqrt(deck.size), 0);
    let point = this.random.uniform() * total;
    for (const deck of decks) {
      point -= Math.sqrt(deck.size);
      if (point < 0) return deck;
    }
    return decks.at(-1)!;
  }
}

function deckOf(films: readonly TrainingFilm[], tier: Supervision, random: Random): Deck {
  return new Deck(
    [...films.keys()].filter((i) => films[i]!.tier === tier),
    random,
  );
}

/** One deck per class that has a box, and one of the films that were read for boxes and have none. */
function decksByClass(films: readonly TrainingFilm[], random: Random): Deck[] {
  const classes = films[0]?.boxKnown.length ?? 0;
  const members: number[][] = Array.from({ length: classes + 1 }, () => []);
  films.forEach((film, i) => {
    if (film.tier !== 'box') return;
    const present = new Set(film.boxClasses);
    if (present.size === 0) members[classes]!.push(i);
    for (const c of present) members[c]!.push(i);
  });
  return members.map((indexes) => new Deck(indexes, random));
}

/**
 * The batch size of the plan, shared among the kinds at hand in the plan's proportions. Largest remainders round it; a
 * kind that the plan wants and the site has keeps at least one place. Equal shares when the plan wants none of them.
 */
function shares(batch: TrainingPlan['batch'], have: readonly Supervision[]): Map<Supervision, number> {
  if (have.length === 0) return new Map();
  const total = batch.box + batch.image + batch.none;
  const wanted = have.reduce((sum, tier) => sum + batch[tier], 0);
  const exact = have.map((tier) => (wanted > 0 ? (total * batch[tier]) / wanted : total / have.length));
  const counts = exact.map((share, i) =>
    share > 0 && (wanted === 0 || batch[have[i]!] > 0) ? Math.max(1, Math.floor(share)) : 0,
  );
  const byRemainder = [...have.keys()].sort((a, b) => (exact[b]! % 1) - (exact[a]! % 1) || a - b);
  for (let left = total - counts.reduce((sum, n) => sum + n, 0), i = 0; left > 0; left--, i++) {
    counts[byRemainder[i % have.length]!]!++;
  }
  return new Map(have.map((tier, i) => [tier, counts[i]!] as const).filter(([, count]) => count > 0));
}
