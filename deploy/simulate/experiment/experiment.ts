import { z } from 'zod';
import { shortName } from '@fedoxnet/shared/ids';
import { CXR_HOSPITALS } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { SCANNERS, type ScannerName } from '@fedoxnet/site-agent/phantoms/scanner';

/**
 * An experiment file: hospitals that exist only here, the plan they train by, and what is compared. Classes, films and
 * scanners are named as everywhere; README.md shows a whole file.
 */
const whole = z.number().int().min(1);
const count = z.number().int().min(0);
const className = z.string().min(1).max(64);
const kind = z.enum(['box', 'image', 'none']);

/** Part of a plan, laid over another: objects field by field, all else as a whole. What comes out is parsed as a plan. */
const planPart = z.record(z.string(), z.unknown());

const scanner = z.union([
  z.enum(Object.keys(SCANNERS) as [ScannerName, ...ScannerName[]]),
  z.strictObject({
    name: shortName,
    exposure: z.number().gt(0).lt(2),
    contrast: z.number().gt(0).max(5),
    gamma: z.number().gt(0).max(5),
    noise: z.number().min(0).max(0.5),
    blur: z.number().min(0).max(0.05),
    vignetting: z.number().min(0).max(1),
    border: z.number().min(0).max(0.2),
    marker: z.enum(['L', 'R']).nullable(),
  }),
]);

/** What the training films say of each class; `others` stands for classes that are not named, `none` when left out. */
const supervision = z.union([kind, z.record(className, kind)]);

const phantomSite = z.strictObject({
  name: shortName,
  /** As many hospitals of this description: name-1, name-2, … */
  count: whole.max(10_000).optional(),
  films: z.strictObject({ train: count, heldOut: count }),
  scanner: scanner.optional(),
  supervision,
});

const folderSite = z.strictObject({
  name: shortName,
  /** Folder with catalogue.json, relative to the experiment file; both splits are used as they are. */
  data: z.string().min(1),
  /**
   * The folder holds public chest films instead (manifest.csv, boxes.csv and the images they name), and this is one of the
   * hospitals that the films are divided among by patient, as in the demo.
   */
  part: z.enum(CXR_HOSPITALS).optional(),
});

/** How unlike the hospitals of phantoms are. Held-out films follow the scanners alone, so that the yardstick stays. */
const skew = z.strictObject({
  /** α of a Dirichlet distribution: how often a finding occurs at each hospital. Small is skewed. */
  labels: z.number().gt(0).max(1e6).optional(),
  /** Films of the largest hospital for one of the smallest: sizes fall geometrically in the order of the list. */
  sizes: z.number().min(1).max(1000).optional(),
  /** Distance of each scanner from the mean of all: 0 makes them one, 1 leaves them, above 1 exaggerates. */
  scanners: z.number().min(0).max(3).optional(),
  /** Of the training films of a hospital that draws boxes of some class, so many for one. Those of the others stay. */
  boxes: z.number().gt(0).max(100).optional(),
});
export type Skew = z.infer<typeof skew>;

const run = z.strictObject({
  /** In file names. */
  name: shortName,
  /** In tables and plots. */
  label: z.string().min(1).max(120).optional(),
  /** `alone` trains each of the sites by itself and reports the best of them. */
  how: z.enum(['federated', 'pooled', 'alone']),
  /** `boxed`: those with boxes of some class. */
  sites: z.union([z.enum(['all', 'boxed']), z.array(shortName).min(1)]).optional(),
  plan: planPart.optional(),
  skew: skew.optional(),
});
export type RunSpec = z.infer<typeof run>;

export const experiment = z.strictObject({
  name: shortName.max(40),
  title: z.string().max(200).optional(),
  /** Fields of a study plan; those left out are the tiny preset's. Study, sites, quorum and seed are filled in. */
  plan: planPart,
  sites: z.array(z.union([folderSite, phantomSite])).min(1),
  skew: skew.optional(),
  /** Each run once for each value, at which this one skew is set. */
  sweep: z
    .strictObject({
      of: z.enum(['labels', 'sizes', 'scanners', 'boxes']),
      values: z.array(z.number()).min(1),
    })
    .optional(),
  /** First weights, order, augmentation and phantoms follow the seed. */
  seeds: z.array(count).min(1),
  runs: z.array(run).min(1),
  /** The run that the others are held against, seed by seed. */
  reference: shortName.optional(),
  evaluation: z
    .strictObject({
      /** Rounds between two evaluations; only the last round's release when left out. */
      every: whole.optional(),
      /** Whose held-out films make the yardstick; those of all when left out. */
      sites: z.array(shortName).min(1).optional(),
    })
    .optional(),
});
export type Experiment = z.infer<typeof experiment>;
export type SiteSpec = Experiment['sites'][number];
export type PhantomSiteSpec = z.infer<typeof phantomSite>;
