/**
 * Norm bounding: a delta longer than M is shortened to it,
 *
 *   Δ ← Δ · min(1, M / ‖Δ‖₂)
 *
 * before anything is combined, so that one site moves the mean by no more than M times its share.
 * Sun et al. 2019, "Can you really backdoor federated learning?", §4, arXiv:1911.07963.
 * @param norm  ‖Δ‖₂
 * @param bound M > 0
 * @returns the factor
 */
export function boundFactor(norm: number, bound: number): number {
  return norm > bound ? bound / norm : 1;
}
