import type { ErrorRequestHandler, RequestHandler } from 'express';
import type { Logger } from 'pino';
import { FederationError } from '@fedoxnet/shared/errors';
import { asFederationError, refusalOf } from '../refusal.js';

export function refuse(log: Logger): ErrorRequestHandler {
  return (error, request, response, next) => {
    const refused = asFederationError(error);
    const { method, path } = request;
    if (request.destroyed && !request.complete) log.info({ method, path }, 'request broken off');
    else if (refused.code === 'INTERNAL')
      log.error({ err: error as unknown, method, path }, 'request failed');
    else log.info({ method, path, code: refused.code, reason: refused.message }, 'request refused');
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
