import { FederationError } from '@fedoxnet/shared/errors';
import { rowOfElement } from '../row-of-element.js';
import type { CombinedDelta, Combiner, DeltaSum, SumRoom, Voices } from '../strategy.js';
import type { TensorSlice } from '../windows.js';

/** A number that stands for many. */
export interface RankStatistic {
  /** Voices without which it says nothing. */
  readonly needs: number;
  /** @param sorted ascending, at least `needs` of them */
  of(sorted: Float64Array): number;
}

/** Holds the deltas of all updates, one update behind the other, and looks at each coordinate alone. */
class RankSum implements DeltaSum {
  readonly #statistic: RankStatistic;
  readonly #slice: TensorSlice;
  readonly #voices: Voices;
  readonly #rows: number;
  readonly #rowOf: (at: number) => number;
  readonly #room: SumRoom;

  constructor(statistic: RankStatistic, slice: TensorSlice, classes: number, voices: Voices, room: SumRoom) {
    this.#statistic = statistic;
    this.#slice = slice;
    this.#voices = voices;
    this.#rows = voices.masses[0]?.length ?? 1;
    this.#rowOf = rowOfElement(slice, classes, this.#rows);
    this.#room = room;
  }

  add(update: number, offset: number, values: Float32Array): void {
    const { begin, end, tensor } = this.#slice;
    const elements = end - begin;
    if (offset + values.length > elements) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `The model has no place ${tensor.name}[${begin + offset}…].`,
      );
    }
    this.#room.held.set(values, update * elements + offset);
  }

  finish(): CombinedDelta {
    const { masses, factors } = this.#voices;
    const elements = this.#slice.end - this.#slice.begin;
    const { sums: deltas, held } = this.#room;
    /** By row: the updates that speak on it, and room for their numbers. */
    const speakers = Array.from({ length: this.#rows }, (_, row) =>
      [...masses.keys()].filter((update) => (masses[update]?.[row] ?? 0) > 0),
    );
    const sorted = speakers.map((updates) => new Float64Array(updates.length));
    const silent = Uint8Array.from(speakers, ({ length }) => (length < this.#statistic.needs ? 1 : 0));
    for (let at = 0; at < elements; at += 1) {
      const row = this.#rowOf(at);
      if (silent[row] === 1) continue;
      const numbers = sorted[row] as Float64Array;
      const updates = speakers[row] as number[];
      for (let place = 0; place < updates.length; place += 1) {
        const update = updates[place] as number;
        insert(numbers, place, (held[update * elements + at] as number) * (factors[update] as number));
      }
      deltas[at] = this.#statistic.of(numbers);
    }
    return { deltas, silent, rowOf: this.#rowOf };
  }
}

/** Puts `value` where it belongs among the first `count` numbers, which ascend. */
function insert(numbers: Float64Array, count: number, value: number): void {
  let place = count;
  while (place > 0 && (numbers[place - 1] as number) > value) {
    numbers[place] = numbers[place - 1] as number;
    place -= 1;
  }
  numbers[place] = value;
}

/**
 * Coordinate by coordinate, one rank statistic of the deltas of the sites that speak on the row. Sites count alike: a
 * mass is a claim, and whoever lies about weights lies about masses. A row with too few voices is silent.
 */
export function rankRule(statistic: RankStatistic): Combiner {
  return {
    holdsAll: true,
    sum: (slice, classes, voices, room) => new RankSum(statistic, slice, classes, voices, room),
  };
}
