import { z } from 'zod';
import { FAILPOINTS } from '@fedoxnet/shared/failpoints/failpoints';

/** What a process does to itself at a failpoint. */
export const fault = z.strictObject({
  point: z.enum(FAILPOINTS),
  /**
   * `kill`: SIGKILL, as kill −9 or a power cut. `error`: a defect throws. `disk-full`: the write fails with ENOSPC.
   * `fill-disk`: the disk of its data is full for `ms`, on a ground that has one. `stall`: the whole process stands still.
   * `clock`: from here on its clock is `ms` off.
   */
  action: z.enum(['kill', 'error', 'disk-full', 'fill-disk', 'stall', 'clock']),
  /** The hit at which it happens, counted in each process from the moment the fault was ordered. */
  hit: z.number().int().min(1).default(1),
  /** Over all lives of the process: one that was killed does not die again when it is started again. */
  times: z.number().int().min(1).default(1),
  ms: z.number().int().default(0),
});
export type Fault = z.input<typeof fault>;

/** Lies in the file `order` of the arming's folder while a fault is wanted. */
export const order = z.strictObject({
  id: z.number().int(),
  /** The program that it is for; a trainer goes by the name of its agent. */
  program: z.string(),
  faults: z.array(fault),
});
export type Order = z.input<typeof order>;

/** Comes as JSON in an environment variable; `arm.ts` reads it. */
export const arming = z.strictObject({
  program: z.string(),
  /** Holds `order`, `hits` (a line for every failpoint reached) and a file `mark ID N TIME` for every time a fault happened. */
  folder: z.string(),
  /** File that fills the disk of the program's data; left out where that is everybody's disk. */
  ballast: z.string().optional(),
});
export type Arming = z.input<typeof arming>;

export const ARMING_VARIABLE = 'FEDOXNET_TEST_ARMING';
