import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import { FederationError } from '@fedoxnet/shared/errors';
import { MAX_JSON_BYTES } from '@fedoxnet/shared/protocol/limits';
import type { CoordinatorContext } from '../context.js';
import { adminRoutes } from './admin-routes.js';
import { BodyWatch } from './body-watch.js';
import { dashboardFiles } from './dashboard-files.js';
import { peopleRoutes } from './people-routes.js';
import { receiptRoutes } from './receipt-routes.js';
import { refuse, refuseUnknownPath } from './refusals.js';
import { MAX_STRANGER_BYTES, SERVER_LIMITS, type ServerLimits } from './server-limits.js';
import { siteRoutes } from './site-routes.js';
import { studyRoutes } from './study-routes.js';
import { uploadRoutes } from './upload-routes.js';
import { viewerRoutes } from './viewer-routes.js';

const API_POLICY = { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

/** JSON bodies, as they are: a compressed one is refused, because its size says nothing of what it becomes. */
function jsonBodies(): RequestHandler {
  const parser = (limit: number): RequestHandler => {
    const parse = express.json({ limit, inflate: false });
    return (request, response, next) => {
      // The parser would wait for all of it before it refuses.
      const isJson = request.is('application/json') !== false;
      if (isJson && Number(request.headers['content-length'] ?? 0) > limit) {
        response.set('connection', 'close');
        throw new FederationError('TOO_LARGE', `The body has more than ${limit} bytes.`);
      }
      return parse(request, response, next);
    };
  };
  const [known, stranger] = [parser(MAX_JSON_BYTES), parser(MAX_STRANGER_BYTES)];
  // Whether the credentials hold is asked later; without any there is nothing large to say.
  return (request, response, next) => {
    const { authorization, cookie } = request.headers;
    const parse = authorization === undefined && cookie === undefined ? stranger : known;
    return parse(request, response, next);
  };
}

/** All HTTP of the coordinator. Opens no port. */
export function createApp(context: CoordinatorContext, limits: ServerLimits = SERVER_LIMITS): Express {
  const app = express();
  app.disable('x-powered-by');
  // Exactly one hop is believed: whoever asks could have written what stands before it.
  if (context.behindProxy) app.set('trust proxy', 1);
  // Whether browsers must insist on TLS is for whoever ends it.
  const { ownTls: hsts } = context;
  app.use(helmet({ contentSecurityPolicy: { useDefaults: false, ...API_POLICY }, hsts }));
  app.get('/healthz', (_request, response) => {
    response.json({ ok: true });
  });
  app.use(dashboardFiles());
  app.use(new BodyWatch(limits).handler);
  app.use(jsonBodies());
  app.use('/v1', peopleRoutes(context), receiptRoutes(context));
  app.use('/v1/admin', adminRoutes(context));
  app.use('/v1', siteRoutes(context), uploadRoutes(context), viewerRoutes(context), studyRoutes(context));
  app.use(refuseUnknownPath);
  app.use(refuse(context.log));
  return app;
}
