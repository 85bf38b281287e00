const DAY_MS = 86_400_000;

/** Days since 1970 of a date as DICOM writes it, YYYYMMDD. */
export function dayOf(date: string): number {
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6)].map(Number);
  return Date.UTC(year as number, (month as number) - 1, day as number) / DAY_MS;
}

/** The inverse of `dayOf`. */
export function dateOf(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '');
}

export function daysBetween(from: string, to: string): number {
  return dayOf(to) - dayOf(from);
}

/** `2024-02-29` or `20240229` → YYYYMMDD; null for a day that does not exist. */
export function parseDate(text: string): string | null {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  if (match === null) return null;
  const date = match.slice(1).join('');
  const day = dayOf(date);
  return Number.isFinite(day) && dateOf(day) === date ? date : null;
}
