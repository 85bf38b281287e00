import type { ErrorRequestHandler, Request, RequestHandler } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import { asFederationError, refusalOf } from '../refusal.js';
import { askerOf } from './asker.js';

/** Puts a refusal of a request into the audit log, if it belongs there. */
export function auditRefusal(context: CoordinatorContext, request: Request, refused: FederationError): void {
  // The pattern that our routes have, not the path that was asked for.
  const { path = '' } = (request.route ?? {}) as { readonly path?: string };
  context.refusals.note(askerOf(request), refused, `${request.method} ${path}`.trim());
}

export function refuse(context: CoordinatorContext): ErrorRequestHandler {
  const { log } = context;
  return (error, request, response, next) => {
    const refused = asFederationError(error);
    const { method, path } = request;
    if (request.destroyed && !request.complete) log.info({ method, path }, 'request broken off');
    else if (refused.code === 'INTERNAL')
      log.error({ err: error as unknown, method, path }, 'request failed');
    else {
      log.info({ method, path, code: refused.code, reason: refused.message }, 'request refused');
      auditRefusal(context, request, refused);
    }
    if (response.headersSent) {
      // Part of the body is out: only a broken connection tells the peer that the rest is missing.
      next(error);
      return;
    }
    response.status(refused.entry.http).json(refusalOf(refused));
  };
}

export const refuseUnknownPath: RequestHandler = ({ method, path }) => {
  throw new FederationError('NOT_FOUND', `There is nothing at ${method} ${path.slice(0, 200)}.`);
};
