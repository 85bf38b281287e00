import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { requireOwnPage } from '@fedoxnet/shared/access/own-page';
import { FederationError } from '@fedoxnet/shared/errors';
import { asFederationError } from '../../agent/failure.js';
import type { ConsoleParts } from '../console-parts.js';
import { entryRoutes, requireSession } from './entry-routes.js';
import { filmRoutes } from './film-routes.js';
import { requireOwnHost } from './own-host.js';
import { pageRoutes } from './page-files.js';
import { quarantineRoutes } from './quarantine-routes.js';
import { siteRoutes } from './site-routes.js';

const API_POLICY = { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };
const MAX_BODY_BYTES = 10_000;

/** All HTTP of the console. Opens no port. */
export function createConsoleApp(parts: ConsoleParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(requireOwnHost);
  // Plain HTTP on the loopback: browsers must not be told to insist on TLS for all of localhost.
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, ...API_POLICY }, hsts: false }));
  app.use(pageRoutes());
  app.use('/v1', ownPage, noStore, express.json({ limit: MAX_BODY_BYTES }));
  app.use('/v1', entryRoutes(parts.door), requireSession(parts.door));
  app.use('/v1', filmRoutes(parts), quarantineRoutes(parts), siteRoutes(parts));
  app.use(({ method, path }) => {
    throw new FederationError('NOT_FOUND', `There is nothing at ${method} ${path.slice(0, 200)}.`);
  });
  app.use(refuse(parts.log));
  return app;
}

const ownPage: RequestHandler = ({ headers }, _response, next) => {
  requireOwnPage(headers);
  next();
};

/** Films and figures of the site stay out of the browser's cache on the disk. */
const noStore: RequestHandler = (_request, response, next) => {
  response.set('cache-control', 'no-store');
  next();
};

function refuse(log: Logger): ErrorRequestHandler {
  return (error, { method, path }, response, next) => {
    const refused = isUnreadable(error)
      ? new FederationError('MESSAGE_INVALID', 'The request cannot be read.')
      : asFederationError(error);
    const { code, message, entry } = refused;
    if (code === 'INTERNAL') log.error({ err: error as unknown, method, path }, 'the console failed');
    else log.debug({ method, path, code }, message);
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(entry.http).json({ error: { code, message, help: entry.help } });
  };
}

/** What express and its parsers refuse carries a status. */
function isUnreadable(error: unknown): boolean {
  const { status } = (error ?? {}) as { readonly status?: unknown };
  return typeof status === 'number' && status >= 400 && status < 500;
}
