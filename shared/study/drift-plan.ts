import { z } from 'zod';

/**
 * What keeps the models of different sites together while they train apart. `fedprox`: a pull back to the round's model;
 * `scaffold`: control variates, which sites and coordinator keep from round to round.
 */
export const driftPlan = z.discriminatedUnion('method', [
  z.strictObject({ method: z.literal('fedprox'), mu: z.number().positive() }),
  z.strictObject({ method: z.literal('scaffold') }),
]);
export type DriftPlan = z.infer<typeof driftPlan>;

/** Whether updates and releases carry control variates. */
export function hasControls(plan: {
  readonly training: { readonly drift?: DriftPlan | undefined };
}): boolean {
  return plan.training.drift?.method === 'scaffold';
}
