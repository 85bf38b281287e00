import type { TensorRole, UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { TensorSlice } from './windows.js';

/** Who speaks on a tensor, and how much. */
export interface Voices {
  /** By update: [1] mass for the whole tensor or [K], one for each class row. 0: nothing to say. */
  readonly masses: readonly Float64Array[];
  /** By update: what its deltas are multiplied with, 1 unless they are bounded. */
  readonly factors: readonly number[];
}

/** One slice of a tensor over all updates of a round. */
export interface DeltaSum {
  /**
   * @param update index into the voices that the sum was made with. Updates come one after another in rising order, each
   *   piece by piece, so that the result does not depend on who was first.
   * @param offset of the first value, from the slice's begin
   * @param values deltas W′ − W; the caller may use the array again afterwards
   */
  add(update: number, offset: number, values: Float32Array): void;
  finish(): CombinedDelta;
}

/** What all sites together say of a slice. */
export interface CombinedDelta {
  /** By element of the slice; meaningless in a silent row. */
  readonly deltas: Float64Array;
  /** [1] or [K] 1 where too few sites have evidence: the weights stay as they are. */
  readonly silent: Uint8Array;
  /** Row of an element of the slice. */
  readonly rowOf: (at: number) => number;
}

/** Memory for the sum of a slice. What it holds is unknown. */
export interface SumRoom {
  /** As many numbers as the slice has. */
  readonly sums: Float64Array;
  /** As many for each update, when the rule holds all of them. */
  readonly held: Float32Array;
}

/** One way to make one delta of many. Pure: no sockets, no database, no clock. */
export interface Combiner {
  /** True for a rule that must see the numbers of all updates side by side. */
  readonly holdsAll: boolean;
  /** @param classes K of the plan */
  sum(slice: TensorSlice, classes: number, voices: Voices, room: SumRoom): DeltaSum;
}

/** One way to move the weights along a combined delta. Pure as well. */
export interface ServerStep {
  /** Names of the arrays, each as long as the weights, that it keeps from round to round. */
  readonly state: readonly string[];
  /** By array: its numbers before the first round. */
  readonly initial: readonly number[];
  /** Moves `weights` and `state`, in place. In a silent row neither changes. */
  apply(weights: Float32Array, delta: CombinedDelta, state: readonly Float32Array[]): void;
}

/** With which masses an update speaks on a tensor. */
export type MassesOf = (role: TensorRole, masses: UpdateMasses) => Float64Array;

/** What must be known of all updates before they are combined. */
export type SurveyKind = 'nothing' | 'norms' | 'distances';

/** True where the numbers of all updates must be seen side by side. */
export function holdsAll({ combiner, prototypeCombiner }: AggregationStrategy): boolean {
  return combiner.holdsAll || prototypeCombiner.holdsAll;
}

/** A plan's way from updates to the next model. */
export interface AggregationStrategy {
  readonly massesOf: MassesOf;
  readonly survey: SurveyKind;
  readonly combiner: Combiner;
  readonly prototypeCombiner: Combiner;
  readonly server: ServerStep;
  /** β of the prototypes, which follow slowly instead. */
  readonly prototypeDecay: number;
}
