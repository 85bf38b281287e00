/** Mean and sample standard deviation of the values that exist; null where there are none, spread 0 for one. */
export interface Spread {
  readonly mean: number;
  readonly deviation: number;
  readonly count: number;
}

export function spreadOf(values: readonly (number | null)[]): Spread | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  const squares = known.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    mean,
    deviation: known.length > 1 ? Math.sqrt(squares / (known.length - 1)) : 0,
    count: known.length,
  };
}

export function formatSpread(spread: Spread | null, sign = false): string {
  if (spread === null) return '–';
  const { mean, deviation, count } = spread;
  const plus = sign && mean >= 0 ? '+' : '';
  return `${plus}${mean.toFixed(3)}${count > 1 ? ` ± ${deviation.toFixed(3)}` : ''}`;
}
