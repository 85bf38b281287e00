import { Router } from 'express';
import type { CoordinatorContext } from '../context.js';
import { requireViewer } from './bearer.js';
import { nameIn } from './parameters.js';

/** What anyone with the viewer token may look at. */
export function viewerRoutes(context: CoordinatorContext): Router {
  const router = Router();

  router.get('/studies', async (request, response) => {
    requireViewer(context, request);
    const studies = await context.database.stores.studies.all();
    response.json({
      studies: studies.map(({ name, state, planHash, plan, createdAt }) => ({
        study: name,
        title: plan.title,
        state,
        planHash,
        rounds: plan.rounds,
        round: context.engine.round(name)?.number ?? 0,
        createdAt: createdAt.toISOString(),
      })),
    });
  });
  router.get('/studies/:study/status', async (request, response) => {
    requireViewer(context, request);
    response.json(await context.status.read(nameIn(request, 'study')));
  });
  return router;
}
