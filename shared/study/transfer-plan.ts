import { z } from 'zod';
import { SCALE_GROUPS, UPDATE_ENCODINGS } from '../weights/update-encoding.js';

/**
 * How updates travel: a part of the plan, because what is rounded away changes what is computed. Left out, everything
 * is float32.
 */
export const transferPlan = z.strictObject({
  /** Of an update: 4, 2 or 1 byte a number. */
  update: z.enum(UPDATE_ENCODINGS),
  /** Which numbers of an int8 update share a scale. */
  scales: z.enum(SCALE_GROUPS),
  /** `stochastic` rounds up with the probability of the fraction, from a stream named by study, round and site. */
  rounding: z.enum(['nearest', 'stochastic']),
  /** Each site keeps what an update's rounding lost, and adds it to its next update. */
  errorFeedback: z.boolean(),
  /** A site shortens a longer update to this L2 norm, before anything is rounded. */
  clipNorm: z.number().positive().optional(),
  /** An update whose L2 norm is above this is refused. */
  maxNorm: z.number().positive().optional(),
  /** Sealed updates of past rounds stay at the coordinator. */
  keepUploads: z.boolean().optional(),
});
export type TransferPlan = z.infer<typeof transferPlan>;

/**
 * No update of a model in float32 is that long: the weights of a ResNet-101 have a norm of a few hundred, and a
 * round moves them by a few percent.
 */
export const MAX_UPDATE_NORM = 1e5;

const PLAIN: TransferPlan = {
  update: 'fp32',
  scales: 'channel',
  rounding: 'nearest',
  errorFeedback: false,
};

/** What a plan says or leaves to the defaults. */
export function transferOf(plan: { readonly transfer?: TransferPlan | undefined }): TransferPlan & {
  readonly maxNorm: number;
  readonly keepUploads: boolean;
} {
  const transfer = plan.transfer ?? PLAIN;
  return {
    ...transfer,
    maxNorm: transfer.maxNorm ?? MAX_UPDATE_NORM,
    keepUploads: transfer.keepUploads ?? false,
  };
}
