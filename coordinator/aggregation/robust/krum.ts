/**
 * Krum: each update is scored by how near its n − f − 2 nearest others lie,
 *
 *   s(i) = Σ_{i → j} ‖Vᵢ − Vⱼ‖²
 *
 * and the lowest score wins. Blanchard et al. 2017, §4, arXiv:1703.02757; it needs n ≥ 2f + 3. Multi-Krum (§5 there)
 * averages the `keep` best. Of equal scores the first in the order of the sites' names wins.
 * @param squared [n · n] ‖Vᵢ − Vⱼ‖², symmetric
 * @param hostile f
 * @param keep    m ≥ 1; for at most n − f − 2 of them the bound of El Mhamdi et al. 2018, arXiv:1802.07927, holds
 * @returns [n] true for the updates that were chosen
 */
export function krumChoice(
  squared: Float64Array,
  updates: number,
  { hostile, keep }: { readonly hostile: number; readonly keep: number },
): boolean[] {
  const neighbours = updates - hostile - 2;
  if (updates < 2 * hostile + 3)
    throw new RangeError(`Krum with ${hostile} hostile of ${updates} updates chooses by chance`);
  const scores = Array.from({ length: updates }, (_, i) =>
    [...squared.subarray(i * updates, (i + 1) * updates)]
      .filter((_distance, j) => j !== i)
      .sort((a, b) => a - b)
      .slice(0, neighbours)
      .reduce((sum, distance) => sum + distance, 0),
  );
  const ranked = [...scores.keys()].sort((a, b) => (scores[a] as number) - (scores[b] as number) || a - b);
  const chosen = new Set(ranked.slice(0, keep));
  return scores.map((_, update) => chosen.has(update));
}
