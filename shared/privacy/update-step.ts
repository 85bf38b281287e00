import type { UpdateMasses } from '../weights/roles.js';
import type { WeightMap } from '../weights/weight-map.js';

/** What a site is about to send: new weights minus the release it started from, and the evidence behind them. */
export interface SiteUpdate {
  readonly delta: WeightMap;
  readonly masses: UpdateMasses;
}

/** What a step may know of the round it works in. */
export interface RoundContext {
  readonly study: string;
  readonly site: string;
  readonly round: number;
  readonly attempt: number;
}

/**
 * One change to an outgoing update. Pure: the update given stays as it is.
 * Steps run in array order: clip before noise, noise before rounding.
 */
export type UpdateStep = (update: SiteUpdate, round: RoundContext) => SiteUpdate;

/** All `steps`, one after another. */
export function applySteps(
  update: SiteUpdate,
  steps: readonly UpdateStep[],
  round: RoundContext,
): SiteUpdate {
  return steps.reduce((current, step) => step(current, round), update);
}
