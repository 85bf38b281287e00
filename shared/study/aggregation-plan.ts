import { z } from 'zod';

/**
 * How updates become the next model: each site's delta is bounded, the deltas are combined, and the server takes a step
 * along what came of it. Each part has its equation and paper where it is computed
 * (coordinator/aggregation/README.md); what is left out does what it did before the part existed.
 */
const positive = z.number().positive();
const share = z.number().min(0).lt(1);
const hostile = z.number().int().min(1).max(1000);

/**
 * Rules that a few hostile sites cannot turn. They believe no masses: a site counts as one wherever it brings any.
 * `hostile` is f, how many updates of a round may be anything at all; a row on which 2f sites or fewer speak stays as it is.
 */
export const robustPlan = z.discriminatedUnion('rule', [
  z.strictObject({ rule: z.literal('median'), hostile }),
  z.strictObject({ rule: z.literal('trimmed-mean'), hostile }),
  z.strictObject({ rule: z.literal('krum'), hostile }),
  /** `keep` updates of the lowest scores are averaged. */
  z.strictObject({ rule: z.literal('multi-krum'), hostile, keep: z.number().int().min(1) }),
]);
export type RobustPlan = z.infer<typeof robustPlan>;

const adaptive = {
  /** η of the server. */
  learningRate: positive,
  /** β₁, of the mean of deltas, and for `fedadam` and `fedyogi` β₂, of their squares. */
  beta1: share,
  /** τ: how far a coordinate may be sped up; smaller adapts more. */
  tau: positive,
};

/** The server's optimiser. It takes the combined delta for a negative gradient. */
export const serverPlan = z.discriminatedUnion('optimizer', [
  z.strictObject({ optimizer: z.literal('fedavgm'), learningRate: positive, momentum: share }),
  z.strictObject({ optimizer: z.literal('fedadagrad'), ...adaptive }),
  z.strictObject({ optimizer: z.literal('fedadam'), ...adaptive, beta2: share }),
  z.strictObject({ optimizer: z.literal('fedyogi'), ...adaptive, beta2: share }),
]);
export type ServerPlan = z.infer<typeof serverPlan>;

export const aggregationPlan = z.strictObject({
  /**
   * Masses by which sites are weighed. `supervision-aware`: per module and class row, by evidence; `weighted-mean`: plain
   * FedAvg, one weight, films, per site.
   */
  strategy: z.enum(['supervision-aware', 'weighted-mean']),
  /** Server EMA of the prototypes, P ← β P + (1 − β) mean. 0 replaces them. */
  prototypeDecay: z.number().min(0).max(1),
  /** A site says nothing of a prototype that fewer of its films hold; 1 when left out. */
  prototypeFilms: z.number().int().min(1).max(1000).optional(),
  /** A longer delta is shortened to this L2 norm before it is combined. */
  normBound: positive.optional(),
  /** Left out: the weighted mean. */
  robust: robustPlan.optional(),
  /** Left out: the combined delta is added as it is (FedAvg). */
  server: serverPlan.optional(),
});
export type AggregationPlan = z.infer<typeof aggregationPlan>;
