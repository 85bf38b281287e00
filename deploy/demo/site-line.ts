import { z } from 'zod';

const inRound = { study: z.string(), round: z.number() };
const moved = { bytesSent: z.number(), bytesReceived: z.number() };

/** The events of `fedoxnet-site run --json` that the demo shows; it passes over all others. */
const siteEvent = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('progress'),
    ...inRound,
    ...moved,
    phase: z.string(),
    step: z.number(),
    steps: z.number(),
    losses: z.record(z.string(), z.number()),
    filmsPerSecond: z.number(),
  }),
  z.object({ event: z.literal('prepared'), backend: z.string() }),
  z.object({ event: z.literal('uploaded'), ...inRound, ...moved }),
  z.object({ event: z.literal('evaluated'), ...inRound, ...moved }),
  z.object({ event: z.literal('connected') }),
  z.object({ event: z.literal('disconnected'), reason: z.string() }),
  z.object({ event: z.literal('declined'), ...inRound, code: z.string(), message: z.string() }),
  z.object({ event: z.literal('failed'), ...inRound, code: z.string(), message: z.string() }),
]);
export type SiteEvent = z.infer<typeof siteEvent>;

/** Reads one line of an agent's output; null for what the demo does not show. */
export function readSiteLine(line: string): SiteEvent | null {
  try {
    return siteEvent.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}
