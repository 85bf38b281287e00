import { z } from 'zod';

/** What the bench tells a process that plays many light sites. */
export const lightStart = z.object({
  coordinator: z.string(),
  study: z.string(),
  planHash: z.string(),
  params: z.number().int(),
  /** Sites of the process that move data at the same time. */
  atOnce: z.number().int(),
  sites: z.array(
    z.object({
      site: z.string(),
      invitation: z.string(),
      /** Of the loopback: the coordinator counts the requests of strangers by address. */
      from: z.string(),
    }),
  ),
});
export type LightStart = z.infer<typeof lightStart>;

/** What it answers: all its sites are connected, or the study has ended. */
export const lightReport = z.object({ kind: z.enum(['connected', 'ended']) });
export type LightReport = z.infer<typeof lightReport>;

/** What the probe tells when it is asked to end: milliseconds of each round trip. */
export const probeReport = z.object({ kind: z.literal('round-trips'), ms: z.array(z.number()) });
export type ProbeReport = z.infer<typeof probeReport>;
