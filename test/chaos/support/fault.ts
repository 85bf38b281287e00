import { z } from 'zod';
import { FAILPOINTS } from '@fedoxnet/shared/failpoints/failpoints';

/** What a process does to itself at a failpoint. It comes as JSON in an environment variable; `arm.ts` reads it. */
export const fault = z.strictObject({
  point: z.enum(FAILPOINTS),
  /**
   * `kill`: SIGKILL, as kill −9 or a power cut. `error`: a defect throws. `disk-full`: the write fails with ENOSPC.
   * `stall`: the whole process stands still. `clock`: from here on its clock is `ms` off.
   */
  action: z.enum(['kill', 'error', 'disk-full', 'stall', 'clock']),
  /** The hit at which it happens, counted in each process from 1. */
  hit: z.number().int().min(1).default(1),
  /** Over all processes that are started with it: a killed process does not die again when it is started again. */
  times: z.number().int().min(1).default(1),
  ms: z.number().int().default(0),
});
export type Fault = z.input<typeof fault>;

export const arming = z.strictObject({
  /** Every hit is appended as a line `point pid`. */
  log: z.string(),
  /** One file per time the fault happened. */
  marks: z.string(),
  fault: fault.nullable(),
});
export type Arming = z.input<typeof arming>;

export const ARMING_VARIABLE = 'FEDOXNET_TEST_ARMING';
