import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { ModelLayout } from './model-layout.js';

/** A piece of one site's update: `values` are deltas W′ − W of elements `offset` … of tensor `tensor`. */
export interface UpdateSlice {
  readonly tensor: string;
  readonly offset: number;
  readonly values: Float32Array;
}

/**
 * One way to turn site updates into the next global model. Pure: no sockets, no database, no clock.
 * Updates come one site after another in the order of their names, each slice by slice, so that neither memory nor
 * result depends on how many sites there are or who was first. `Sum` may be changed in place.
 */
export interface AggregationStrategy<Sum> {
  begin(model: ModelLayout): Sum;
  /** Announces the next site; slices that follow are its own. */
  beginUpdate(sum: Sum, masses: UpdateMasses): Sum;
  /**
   * The caller may reuse `slice` as soon as this returns.
   * @throws {FederationError} `WEIGHTS_INVALID` on NaN, infinity, or a place that the model does not have
   */
  add(sum: Sum, slice: UpdateSlice): Sum;
  /**
   * One tensor of the next global model.
   * @param base the same tensor of the model that the sites started from
   * @throws {FederationError} `ROUND_WITHOUT_UPDATES` when no update was added
   */
  finish(sum: Sum, tensor: string, base: Float32Array): Float32Array;
}
