/** How the dashboard writes numbers. A value that does not exist is an en dash, never a zero. */
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

/** 8.3 s below a minute, then 2 min 05 s, then 1 h 02 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Whole numbers with separated thousands: 112,120. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US', { maximumFractionDigits: 0 });
}

/** Average precision in [0, 1], three decimals. */
export function formatPrecision(ap: number | null): string {
  return ap === null ? NOT_KNOWN : ap.toFixed(3);
}

/** Three significant digits without an exponent: 0.0123, 1.23, 123. */
export function formatLoss(loss: number): string {
  if (loss === 0 || Math.abs(loss) < 1e-4) return loss.toFixed(4);
  const digitsBefore = Math.floor(Math.log10(Math.abs(loss))) + 1;
  return loss.toFixed(Math.max(0, 3 - digitsBefore));
}

/** Films per second, one decimal below a hundred. */
export function formatRate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}

/** The first 12 digits of a SHA-256: enough for people to compare. */
export function shortHash(hash: string): string {
  return hash.slice(0, 12);
}
