import express, { type Express, type Request } from 'express';
import helmet from 'helmet';
import type { FederationError } from '@fedoxnet/shared/errors';
import type { CoordinatorContext } from '../context.js';
import { adminRoutes } from './admin-routes.js';
import { BodyWatch } from './body-watch.js';
import { dashboardFiles } from './dashboard-files.js';
import { jsonBodies } from './json-bodies.js';
import { peopleRoutes } from './people-routes.js';
import { receiptRoutes } from './receipt-routes.js';
import { auditRefusal, refuse, refuseUnknownPath } from './refusals.js';
import { SERVER_LIMITS, type ServerLimits } from './server-limits.js';
import { siteRoutes } from './site-routes.js';
import { studyRoutes } from './study-routes.js';
import { uploadRoutes } from './upload-routes.js';
import { viewerRoutes } from './viewer-routes.js';

const API_POLICY = { directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } };

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
  const audited = (request: Request, refused: FederationError) => auditRefusal(context, request, refused);
  app.use(new BodyWatch(limits, undefined, audited).handler);
  app.use(jsonBodies(context, limits));
  app.use('/v1', peopleRoutes(context), receiptRoutes(context));
  app.use('/v1/admin', adminRoutes(context));
  app.use('/v1', siteRoutes(context), uploadRoutes(context), viewerRoutes(context), studyRoutes(context));
  app.use(refuseUnknownPath);
  app.use(refuse(context));
  return app;
}
