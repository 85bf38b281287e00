import { z } from 'zod';
import { shortName } from '../ids.js';
import { census } from '../study/census.js';

/** PUT /v1/studies/:study/census; null takes back what was sent before. */
export const censusRequest = z.strictObject({ census: census.nullable() });
export type CensusRequest = z.infer<typeof censusRequest>;

export const CENSUS_WARNINGS = ['unboxed', 'unlabelled', 'unmapped', 'prevalence'] as const;

/** GET /v1/studies/:study/census, for people: what each site of the study told, and where they do not fit together. */
export const consortiumCensus = z.object({
  study: shortName,
  classes: z.array(z.string()),
  sites: z.array(
    z.object({
      site: shortName,
      /** Null from a site that has sent none, or whose policy keeps it. */
      census: census.nullable(),
      receivedAt: z.string().nullable(),
    }),
  ),
  warnings: z.array(
    z.object({
      kind: z.enum(CENSUS_WARNINGS),
      class: z.string(),
      /** Whom it is about; empty where it is about all sites together. */
      sites: z.array(shortName),
      text: z.string(),
    }),
  ),
});
export type ConsortiumCensus = z.infer<typeof consortiumCensus>;
export type CensusWarning = ConsortiumCensus['warnings'][number];
