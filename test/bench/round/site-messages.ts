import { z } from 'zod';

/** What the bench tells a process that plays a site. */
export const siteStart = z.object({
  site: z.string(),
  coordinator: z.string(),
  invitation: z.string(),
  planHash: z.string(),
  home: z.string(),
  data: z.string(),
});
export type SiteStart = z.infer<typeof siteStart>;

/** What such a process tells the bench. */
export type SiteReport =
  | { readonly kind: 'phases'; readonly seconds: Readonly<Record<string, number>> }
  | { readonly kind: 'ended'; readonly cpuSeconds: number; readonly peakRssMb: number };
