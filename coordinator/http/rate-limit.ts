import type { RequestHandler } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';

const WINDOW_MS = 60_000;
/** A site signs in a few times a day; a whole consortium behind one proxy stays far below. */
const MAX_PER_WINDOW = 120;

/**
 * Bounds what strangers may ask of the paths that need no token: requests per address and minute.
 * @param now milliseconds of a clock that nobody sets: one that is set back would keep a minute from ending
 */
export function rateLimit(now: () => number = () => performance.now()): RequestHandler {
  let windowStart = now();
  const counts = new Map<string, number>();
  return (request, _response, next) => {
    const at = now();
    if (at - windowStart >= WINDOW_MS) {
      windowStart = at;
      counts.clear();
    }
    const address = request.ip ?? '';
    const count = (counts.get(address) ?? 0) + 1;
    counts.set(address, count);
    if (count > MAX_PER_WINDOW) {
      throw new FederationError('RATE_LIMITED', `More than ${MAX_PER_WINDOW} requests in a minute.`);
    }
    next();
  };
}
