import { Router } from 'express';
import { FederationError } from '@fedoxnet/shared/errors';
import { discardFilm, releaseFilm } from '../../data/quarantine/decide.js';
import { QUARANTINE_REASONS } from '../../data/quarantine/findings.js';
import { Quarantine } from '../../data/quarantine/quarantine.js';
import type { ConsoleParts } from '../console-parts.js';
import type { QuarantineReply } from '../messages.js';
import { sendPixels, sendPng } from './film-routes.js';

/** Films that are set aside, and what a person decides about them. */
export function quarantineRoutes({ data, pictures, log }: ConsoleParts): Router {
  const router = Router();
  const quarantine = new Quarantine(data);
  /** Each decision rewrites the catalogue: one after the other. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = (decide: () => Promise<unknown>): Promise<unknown> => {
    const done = turn.then(decide);
    turn = done.catch(() => undefined);
    return done;
  };
  const filmOf = async (id: string): Promise<string> => {
    await quarantine.get(id);
    const path = await quarantine.filmPath(id);
    if (path === null) throw new FederationError('FILM_UNREADABLE', `The film ${id} has no picture.`);
    return path;
  };

  router.get('/quarantine', async (_request, response) => {
    const films = (await quarantine.list()).map(({ id, findings, record, twin }) => ({
      ...{ id, findings, twin },
      advice: [...new Set(findings.map(({ reason }) => QUARANTINE_REASONS[reason]))],
      releasable: record !== null,
    }));
    const reply: QuarantineReply = { films };
    response.json(reply);
  });
  router.get('/quarantine/:id/pixels', async (request, response) => {
    sendPixels(response, await pictures.pixels(await filmOf(request.params.id)));
  });
  router.get('/quarantine/:id/thumbnail', async (request, response) => {
    sendPng(response, await pictures.thumbnail(await filmOf(request.params.id)));
  });
  router.post('/quarantine/:id/release', async (request, response) => {
    const { id } = request.params;
    await inTurn(() => releaseFilm(data, id));
    log.info({ film: id }, 'released from quarantine');
    response.json({});
  });
  router.post('/quarantine/:id/discard', async (request, response) => {
    const { id } = request.params;
    await inTurn(() => discardFilm(data, id));
    log.info({ film: id }, 'discarded from quarantine');
    response.json({});
  });
  return router;
}
