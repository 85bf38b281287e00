import { formatCount, NOT_KNOWN } from './page/numbers.js';

/** 8.3 s below a minute, then 2 min 05 s, then 1 h 02 min. */
export function formatSeconds(seconds: number): string {
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** Average precision in [0, 1], three decimals. */
export function formatPrecision(ap: number | null): string {
  return ap === null ? NOT_KNOWN : ap.toFixed(3);
}

/** Films per second, one decimal below a hundred. */
export function formatRate(perSecond: number): string {
  return perSecond < 99.95 ? perSecond.toFixed(1) : formatCount(perSecond);
}
