import { Router } from 'express';
import type { z } from 'zod';
import { approvalRequest, evaluationRequest, type planReply } from '@fedoxnet/shared/protocol/http-messages';
import { censusRequest } from '@fedoxnet/shared/protocol/census-messages';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import type { CoordinatorContext } from '../context.js';
import { grantRelease, requireRelease } from '../releases/grant-release.js';
import { storeCensus } from '../studies/store-census.js';
import { approvePlan } from '../studies/approve-plan.js';
import { requirePart } from '../studies/require-part.js';
import { storeReport } from '../studies/store-report.js';
import { requireSite } from './who-asks.js';
import { numberIn, studyIn } from './parameters.js';
import { releaseChunks } from './release-chunks.js';

/** What a site asks of a study: its plan, its releases, and where to send a report. PROTOCOL.md §3. */
export function studyRoutes(context: CoordinatorContext): Router {
  const router = Router();

  router.get('/studies/:study/plan', async (request, response) => {
    const site = await requireSite(context, request);
    const study = await studyIn(context, request);
    requirePart(study, site.name);
    const reply: z.infer<typeof planReply> = { plan: study.plan, hash: study.planHash };
    response.json(reply);
  });
  router.post('/studies/:study/approvals', async (request, response) => {
    const site = await requireSite(context, request);
    const study = await studyIn(context, request);
    requirePart(study, site.name);
    await approvePlan(context, study, site, parseMessage(approvalRequest, request.body, 'approval'));
    response.json({});
  });
  router.get('/studies/:study/releases/:release', async (request, response) => {
    const site = await requireSite(context, request);
    const study = await studyIn(context, request);
    const release = await requireRelease(context, study, numberIn(request, 'release'), site);
    response.json(grantRelease(context, release, site));
  });
  router.get('/studies/:study/releases/:release/chunks/:index', releaseChunks(context));
  router.post('/studies/:study/rounds/:round/evaluation', async (request, response) => {
    const site = await requireSite(context, request);
    const study = await studyIn(context, request);
    const message = parseMessage(evaluationRequest, request.body, 'evaluation');
    await storeReport(context, study, numberIn(request, 'round'), site, message);
    response.json({});
  });
  router.put('/studies/:study/census', async (request, response) => {
    const site = await requireSite(context, request);
    const study = await studyIn(context, request);
    await storeCensus(context, study, site, parseMessage(censusRequest, request.body, 'census'));
    response.json({});
  });
  return router;
}
