import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';

/**
 * Where a round of one learner ends: W + Δ in float32, to the last bit what the coordinator releases when this update is all
 * that it gets. Whoever trains on without a federation goes on from here and not from the network's own W′, because
 * Δ = W′ − W has been rounded and where a weight comes near zero W + Δ is not W′.
 */
export function applyUpdate(global: WeightMap, update: WeightMap): Map<string, WeightArray> {
  return new Map(
    [...global].map(([name, { shape, values }]) => {
      const delta = update.get(name)?.values;
      return [name, { shape, values: values.map((value, i) => value + (delta?.[i] ?? 0)) }];
    }),
  );
}
