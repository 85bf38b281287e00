import { asFederationError, refusalOf } from '../refusal.js';

/** What socket.io's `next` takes to refuse a connection; it passes the error's `data` to the client. */
export function refusedHandshake(error: unknown): Error {
  const refused = asFederationError(error);
  return Object.assign(new Error(refused.message), { data: refusalOf(refused) });
}
