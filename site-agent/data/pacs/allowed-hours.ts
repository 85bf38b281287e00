const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;

/** The part of each day, by the clock of this machine, in which the PACS may be asked for films; perhaps across midnight. */
export interface AllowedHours {
  /** Minutes since midnight, 0 … 1439; the begin belongs to it, the end does not. */
  readonly from: number;
  readonly to: number;
}

/** `19:00-06:00`; null for anything else, or for hours without length. */
export function parseHours(text: string): AllowedHours | null {
  const match = /^(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})$/.exec(text.trim());
  if (match === null) return null;
  const [fromHour, fromMinute, toHour, toMinute] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
  ];
  const isTime = (hour: number, minute: number): boolean => minute < 60 && hour * 60 + minute <= DAY_MINUTES;
  if (!isTime(fromHour, fromMinute) || !isTime(toHour, toMinute)) return null;
  const [from, to] = [fromHour * 60 + fromMinute, toHour * 60 + toMinute].map((time) => time % DAY_MINUTES);
  return from === to ? null : { from: from as number, to: to as number };
}

export function isAllowed({ from, to }: AllowedHours, now: Date): boolean {
  const time = now.getHours() * 60 + now.getMinutes();
  return from < to ? time >= from && time < to : time >= from || time < to;
}

/** Milliseconds until the hours begin; 0 within them. On a day when clocks are changed it may be an hour off: ask again. */
export function untilAllowed(hours: AllowedHours, now: Date): number {
  if (isAllowed(hours, now)) return 0;
  const time = now.getHours() * 60 + now.getMinutes();
  const minutes = (hours.from - time + DAY_MINUTES) % DAY_MINUTES;
  return minutes * MINUTE_MS - now.getSeconds() * 1000 - now.getMilliseconds();
}
