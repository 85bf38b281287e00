/** How our pages write numbers. A value that does not exist is an en dash, never a zero. */
export const NOT_KNOWN = '–';

const BYTE_UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, three significant digits: 999 B, 1.20 kB, 34.6 MB. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${BYTE_UNITS[unit]}`;
}

/** Whole numbers with separated thousands: 112,120; a withheld count is `<`. */
export function formatCount(count: number | null): string {
  return count === null ? '<' : count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Three significant digits without an exponent: 0.0123, 1.23, 123. */
export function formatLoss(loss: number): string {
  if (loss === 0 || Math.abs(loss) < 1e-4) return loss.toFixed(4);
  const digitsBefore = Math.floor(Math.log10(Math.abs(loss))) + 1;
  return loss.toFixed(Math.max(0, 3 - digitsBefore));
}

/** The first 12 digits of a SHA-256: enough for people to compare. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
