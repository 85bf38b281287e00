/** How the console writes numbers. What does not exist is an en dash, never a zero. */
export const NOT_KNOWN = '–';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'] as const;

/** Decimal units, three significant digits: 999 B, 1.20 kB, 34.6 MB. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1000;
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** Whole numbers with separated thousands: 112,120; a withheld count is `<`. */
export function formatCount(count: number | null): string {
  return count === null ? '<' : count.toLocaleString('en-US');
}

/** Three significant digits without an exponent. */
export function formatLoss(loss: number): string {
  if (Math.abs(loss) < 1e-4) return loss.toFixed(4);
  const before = Math.floor(Math.log10(Math.abs(loss))) + 1;
  return loss.toFixed(Math.max(0, 3 - before));
}

/** The reader's own time of day, 14:05:09. */
export function formatTime(iso: string): string {
  return new Date(iso).toTimeString().slice(0, 8);
}

/** The first 12 digits of a SHA-256: enough for people to compare. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
