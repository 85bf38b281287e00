import { Router } from 'express';
import type { z } from 'zod';
import {
  challengeRequest,
  enrolRequest,
  rotationRequest,
  sessionRequest,
  type hello,
  type SiteStudies,
} from '@fedoxnet/shared/protocol/http-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import type { CoordinatorContext } from '../context.js';
import { enrolSite } from '../sites/enrol-site.js';
import { rotateKeys } from '../sites/rotate-keys.js';
import { challengeSite, openSession } from '../sites/site-session.js';
import { bearerToken, requireSite } from './who-asks.js';
import { rateLimit } from './rate-limit.js';

/** How a site gets in. PROTOCOL.md §2. */
export function siteRoutes(context: CoordinatorContext): Router {
  const router = Router();
  const limited = rateLimit();

  router.get('/hello', (_request, response) => {
    const { keys } = context;
    const reply: z.infer<typeof hello> = {
      protocol: PROTOCOL,
      coordinator: publicKeysOf(keys),
      succession: [...keys.succession],
    };
    response.json(reply);
  });
  router.post('/sites/enrol', limited, async (request, response) => {
    response.json(await enrolSite(context, parseMessage(enrolRequest, request.body, 'enrol')));
  });
  router.post('/sites/challenge', limited, async (request, response) => {
    response.json(await challengeSite(context, parseMessage(challengeRequest, request.body, 'challenge')));
  });
  router.post('/sites/session', limited, async (request, response) => {
    const message = parseMessage(sessionRequest, request.body, 'session');
    const asker = { address: request.ip ?? '', before: bearerToken(request) };
    response.json(await openSession(context, message, asker));
  });
  router.post('/sites/rotate', limited, async (request, response) => {
    const site = await requireSite(context, request);
    await rotateKeys(context, site, parseMessage(rotationRequest, request.body, 'rotation'));
    response.json({});
  });
  router.get('/sites/studies', async (request, response) => {
    const site = await requireSite(context, request);
    const studies = await context.database.stores.studies.all();
    const reply: SiteStudies = {
      studies: studies
        .filter(({ plan }) => plan.sites.includes(site.name))
        .map(({ name, planHash, state }) => ({
          study: name,
          hash: planHash,
          state,
          approved: context.engine.isApproved(name, site.name),
        })),
    };
    response.json(reply);
  });
  return router;
}
