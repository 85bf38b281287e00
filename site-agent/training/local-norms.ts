import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';

/**
 * FedBN: gains and offsets of the norms stay at the site, which so keeps the grey levels of its own scanners; all other
 * weights are shared. Li et al. 2021, §4, arXiv:2102.07623. Nothing of them is sent: their deltas are 0, and releases keep
 * those of the study's first model, with which a hospital begins that has none of its own.
 */

/** `global` with what the site kept of its norms, in the order of `global`. */
export function withOwnNorms(
  global: WeightMap,
  own: WeightMap | null,
  norms: ReadonlySet<string>,
): Map<string, WeightArray> {
  return new Map(
    [...global].map(([name, array]) => [name, (norms.has(name) ? own?.get(name) : undefined) ?? array]),
  );
}

/** An update that says nothing of the norms. */
export function withoutNorms(update: WeightMap, norms: ReadonlySet<string>): Map<string, WeightArray> {
  return new Map(
    [...update].map(([name, { shape, values }]) => [
      name,
      { shape, values: norms.has(name) ? new Float32Array(values.length) : values },
    ]),
  );
}
