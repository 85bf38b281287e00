import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { TensorLayout } from './model-layout.js';

/** One tensor over all updates of a round. */
export interface TensorSum {
  /**
   * @param update index into the masses that the sum was made with. Updates come one after another in rising order, each
   *   slice by slice, so that the result does not depend on who was first.
   * @param values deltas W′ − W of elements `offset` … of the tensor; the caller may use the array again afterwards
   */
  add(update: number, offset: number, values: Float32Array): void;
  /** Turns the tensor of the model that the sites started from into that of the next global model, in place. */
  finish(base: Float32Array): void;
}

/**
 * One way to turn site updates into the next global model. Pure: no sockets, no database, no clock. It works tensor by
 * tensor, so memory depends neither on the model nor on how many sites there are.
 */
export interface AggregationStrategy {
  /**
   * @param classes K of the plan
   * @param masses  of all updates, in the order of the sites' names
   * @param storage as many numbers as the tensor has, for the sum to use until it is finished; what they hold is unknown
   * @throws {FederationError} `ROUND_WITHOUT_UPDATES` when there are no updates
   */
  sum(
    tensor: TensorLayout,
    classes: number,
    masses: readonly UpdateMasses[],
    storage: Float64Array,
  ): TensorSum;
}
