import { z } from 'zod';

/** A stretch of every day by the site's own clock. One that ends before it begins goes over midnight. */
export interface WorkHours {
  /** As it stands in the policy: `19:00-06:00`. */
  readonly text: string;
  /** Minutes since midnight; the first belongs to the stretch, the second does not. */
  readonly from: number;
  readonly until: number;
}

const DAY_MINUTES = 24 * 60;
const MINUTE_MS = 60_000;
const FORM = /^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$/;

export const workHours = z.string().transform((text, context): WorkHours => {
  const [, ...numbers] = FORM.exec(text) ?? [];
  const [fromHour = 0, fromMinute = 0, untilHour = 0, untilMinute = 0] = numbers.map(Number);
  const hours = { text, from: 60 * fromHour + fromMinute, until: 60 * untilHour + untilMinute };
  if (numbers.length === 0 || hours.from === hours.until) {
    context.addIssue({ code: 'custom', message: 'must be hours such as 19:00-06:00' });
  }
  return hours;
});

export function isWithin({ from, until }: WorkHours, at: Date): boolean {
  const minute = 60 * at.getHours() + at.getMinutes();
  return from < until ? from <= minute && minute < until : minute >= from || minute < until;
}

/** Milliseconds until the stretch begins; 0 within it. On a day when clocks are changed it may be an hour off: ask again. */
export function untilWithin(hours: WorkHours, at: Date): number {
  if (isWithin(hours, at)) return 0;
  const minute = 60 * at.getHours() + at.getMinutes();
  const minutes = (hours.from - minute + DAY_MINUTES) % DAY_MINUTES;
  return minutes * MINUTE_MS - at.getSeconds() * 1000 - at.getMilliseconds();
}
