import { resolve } from 'node:path';
import { Router, type Response } from 'express';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import type { FilmPixels } from '../films/film-pixels.js';
import type { ConsoleParts } from '../console-parts.js';
import type { FilmReply, FilmsReply } from '../messages.js';

const PAGE = 60;

const filmsQuery = z.strictObject({
  split: z.enum(['train', 'val']).optional(),
  class: z.string().max(64).optional(),
  supervision: z.enum(['box', 'image', 'none']).optional(),
  finding: z.enum(['present', 'absent']).optional(),
  minScore: z.coerce.number().min(0).max(1).optional(),
  text: z.string().max(100).optional(),
  from: z.coerce.number().int().min(0).default(0),
});

/** The catalogue's films: list, picture, what is known of one, what model and teacher see on it. */
export function filmRoutes({ index, pictures, seen }: ConsoleParts): Router {
  const router = Router();
  const fileOf = async (id: string): Promise<string> => resolve(index.data, (await index.film(id)).file);

  router.get('/films', async (request, response) => {
    const { from, ...filter } = parseMessage(filmsQuery, request.query, 'film filter');
    const { films } = await index.catalogue();
    const page = await index.list(filter, seen, { from, count: PAGE });
    response.json({ all: films.length, ...page } satisfies FilmsReply);
  });
  router.get('/films/:id', async (request, response) => {
    const { id, width, height, split, view, sex, ageBand, day, boxes, readings } = await index.film(
      request.params.id,
    );
    const reply: FilmReply = { id, width, height, split, view, sex, ageBand, day, boxes, readings };
    response.json(reply);
  });
  router.get('/films/:id/pixels', async (request, response) => {
    sendPixels(response, await pictures.pixels(await fileOf(request.params.id)));
  });
  router.get('/films/:id/thumbnail', async (request, response) => {
    sendPng(response, await pictures.thumbnail(await fileOf(request.params.id)));
  });
  router.get('/films/:id/seen', async (request, response) => {
    const reply = await seen.look(await index.film(request.params.id), () => !response.destroyed);
    if (reply === null) throw new FederationError('NOT_FOUND', 'Nobody waits for this film any more.');
    response.json(reply);
  });
  return router;
}

/** Grey values as they are; what they mean stands in headers. */
export function sendPixels(response: Response, { bytes, ...about }: FilmPixels): void {
  response.set('content-type', 'application/octet-stream');
  response.set('x-film', JSON.stringify(about));
  response.end(bytes);
}

export function sendPng(response: Response, png: Uint8Array): void {
  response.set('content-type', 'image/png');
  response.end(png);
}
