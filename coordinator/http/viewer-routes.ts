import { Router } from 'express';
import type { CoordinatorContext } from '../context.js';
import { consortiumCensus } from '../studies/consortium-census.js';
import { nameIn, numberIn, studyIn } from './parameters.js';
import { requireActor } from './who-asks.js';

/** What everyone who was let in may look at. */
export function viewerRoutes(context: CoordinatorContext): Router {
  const router = Router();

  router.get('/studies', async (request, response) => {
    await requireActor(context, request, 'look');
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
    await requireActor(context, request, 'look');
    response.json(await context.status.read(nameIn(request, 'study')));
  });
  router.get('/studies/:study/rounds/:round/scores', async (request, response) => {
    await requireActor(context, request, 'look');
    const study = await studyIn(context, request);
    response.json(await context.status.scores(study, numberIn(request, 'round')));
  });
  router.get('/studies/:study/census', async (request, response) => {
    await requireActor(context, request, 'look');
    response.json(await consortiumCensus(context.database.stores, await studyIn(context, request)));
  });
  return router;
}
