import { z } from 'zod';

/** The parts of OXnet that are averaged by different masses (DESIGN §6, oxnet.md §7.2). */
export const MODULES = ['backbone', 'fpn', 'boxSubnet', 'classSubnet', 'globalHead', 'prototypes'] as const;
export type Module = (typeof MODULES)[number];

/**
 * What a tensor is, so that the coordinator can weight it without knowing the network.
 * `classAxis` names the axis whose entries belong to classes; entry i belongs to class i mod K
 * (the anchor-major channel a·K + c of the class subnet, and plain rows c of the global head, both fit).
 */
export const tensorRole = z.object({
  module: z.enum(MODULES),
  classAxis: z.number().int().min(0).optional(),
});
export type TensorRole = z.infer<typeof tensorRole>;

/** Carried in the model file's safetensors metadata under the key `roles`, as JSON. */
export const tensorRoles = z.record(z.string(), tensorRole);
export type TensorRoles = z.infer<typeof tensorRoles>;

/** Far above what any round can hold, and small enough that sums over sites stay finite. */
const mass = z.number().min(0).max(1e21);
/** [K] at most as many classes as a plan may have. */
const massPerClass = z.array(mass).max(64);

/**
 * How much of each kind of evidence stands behind a site's update. Zero means: this site has nothing to say
 * about it, and the global value stays when every site says so.
 */
export const updateMasses = z.object({
  /** Films that gave a gradient in this round. With `classRows` they weigh backbone, FPN and the shared convolutions of the class subnet. */
  films: mass,
  /** Anchors matched to true boxes, pseudo boxes discounted: weight of the box subnet. */
  positives: mass,
  /** [K] evidence per class row of the class subnet. */
  classRows: massPerClass,
  /** [K] image-level evidence per class row of the global head. */
  globalRows: massPerClass,
  /** [K] Σ p over the films behind each prototype. */
  prototypeRows: massPerClass,
  /** [K] films behind each prototype that is not withheld; only where the plan asks for a smallest number. */
  prototypeFilms: massPerClass.optional(),
});
export type UpdateMasses = z.infer<typeof updateMasses>;
