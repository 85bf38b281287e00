import { z } from 'zod';
import { shortName } from '../ids.js';

/**
 * How one release does in each class at each site, and at all of them together. Figures are null where there is nothing to
 * measure them on: no film, no true box, films of one kind only. Counts are null where a site withholds them, and what
 * follows from them with them.
 */
export const classScores = z.object({
  class: z.string(),
  /** Held-out films on which every lesion of the class is boxed, and true boxes on them. */
  films: z.number().int().nullable(),
  truths: z.number().int().nullable(),
  /** Mean over IoU .40:.05:.75. */
  ap: z.number().nullable(),
  ap40: z.number().nullable(),
  ap50: z.number().nullable(),
  ap75: z.number().nullable(),
  /** Mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4, 8 false positives per film at IoU .40, and each of them. */
  froc: z.number().nullable(),
  sensitivities: z.array(z.number()).nullable(),
  /** Held-out films known to show the class, and known not to. */
  positives: z.number().int().nullable(),
  negatives: z.number().int().nullable(),
  /** How well the global head, and the strongest box, tell the two kinds of film apart. */
  globalAuc: z.number().nullable(),
  localAuc: z.number().nullable(),
});
export type ClassScores = z.infer<typeof classScores>;

export const crossSite = z.object({
  /** The round that made the release. */
  round: z.number().int(),
  /** Sites withhold what rests on films of 1 … suppressBelow − 1 patients, some of them more. */
  suppressBelow: z.number().int(),
  /** In the plan's order, as are the classes of each. */
  sites: z.array(
    z.object({
      site: shortName,
      /** Null: the site sent no report of this release. */
      classes: z.array(classScores).nullable(),
    }),
  ),
  /** From the summed counts of all sites: what one site would measure that held all films that are not withheld. */
  pooled: z.array(classScores),
});
export type CrossSite = z.infer<typeof crossSite>;
