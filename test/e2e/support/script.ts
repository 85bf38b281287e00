import { z } from 'zod';
import { updateMasses } from '@fedoxnet/shared/weights/roles';

/** What the scripted trainer does, passed in its environment as JSON. */
export const script = z.object({
  /** Every number of the update; with `ramp`, number i is i times as much. JSON has no NaN. */
  delta: z.union([z.number(), z.literal('NaN').transform(() => NaN)]),
  ramp: z.boolean().default(false),
  masses: updateMasses,
  /** Optimiser steps it pretends to make, one progress message each. */
  steps: z.number().int().default(3),
  /** It appends one line per command to this file: what was asked of it, over all its lives. */
  diary: z.string(),
  /** It trains, or fails to, only when this file is there. */
  waitFor: z.string().optional(),
  /** Train commands (1-based, counted in the diary) at which it dies, fails, or waits until it is killed. */
  dieAt: z.array(z.number()).default([]),
  failAt: z.array(z.number()).default([]),
  hangAt: z.array(z.number()).default([]),
});
export type Script = z.input<typeof script>;

export const SCRIPT_VARIABLE = 'FEDOXNET_TEST_SCRIPT';
