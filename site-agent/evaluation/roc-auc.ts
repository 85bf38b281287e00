/**
 * Area under the receiver operating characteristic as the Mann–Whitney statistic: the probability that a positive scores
 * above a negative, a tie counting one half. From midranks, AUC = (Σ ranks of positives − P(P + 1)/2) / (P · N); Hanley and
 * McNeil 1982, Radiology 143:29–36.
 * @param scores [n] any finite numbers
 * @param labels [n] 1 positive, 0 negative
 * @returns 0 … 1, or null when one side is empty
 */
export function rocAuc(scores: ArrayLike<number>, labels: ArrayLike<number>): number | null {
  const order = Array.from(scores, (_, i) => i).sort((a, b) => (scores[a] as number) - (scores[b] as number));
  let positives = 0;
  let rankSum = 0;
  for (let first = 0; first < order.length;) {
    const score = scores[order[first] as number];
    let last = first;
    while (last + 1 < order.length && scores[order[last + 1] as number] === score) last++;
    const midrank = (first + last) / 2 + 1;
    for (let at = first; at <= last; at++) {
      if (labels[order[at] as number] !== 1) continue;
      positives++;
      rankSum += midrank;
    }
    first = last + 1;
  }
  const negatives = order.length - positives;
  if (positives === 0 || negatives === 0) return null;
  return (rankSum - (positives * (positives + 1)) / 2) / (positives * negatives);
}
