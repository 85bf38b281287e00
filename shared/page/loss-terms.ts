/** The terms of OXnet's loss in the order of its equation; other terms follow by name. */
const TERM_LABELS: ReadonlyMap<string, string> = new Map([
  ['total', 'Total'],
  ['focal', 'Lesion classes'],
  ['regression', 'Lesion boxes'],
  ['soft', 'Teacher’s classes'],
  ['softRegression', 'Teacher’s boxes'],
  ['image', 'Image labels'],
  ['intra', 'Film alignment'],
  ['inter', 'Prototype alignment'],
]);

export function lossLabel(term: string): string {
  return TERM_LABELS.get(term) ?? term;
}

/** Known terms first, in their order. */
export function orderTerms(terms: Iterable<string>): string[] {
  const order = [...TERM_LABELS.keys()];
  const rank = (term: string) => {
    const known = order.indexOf(term);
    return known === -1 ? order.length : known;
  };
  return [...terms].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}
