import type { Request } from 'express';
import type { Asker } from '../audit/refusal-audit.js';

const proven = new WeakMap<Request, Asker>();

/** The request proved to come from this site or person. */
export function rememberAsker(request: Request, asker: Asker): void {
  proven.set(request, asker);
}

/** Who a request comes from, as far as it was proved. */
export function askerOf(request: Request): Asker {
  return proven.get(request) ?? { address: request.ip ?? '' };
}
