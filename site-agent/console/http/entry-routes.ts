import { Router, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import type { ConsoleDoor, SessionSecrets } from '../access/console-door.js';
import { SESSION_MS } from '../access/console-door.js';
import { COOKIE_OPTIONS, cookieName, sessionCookie } from './session-cookie.js';

const signInRequest = z.strictObject({ password: z.string().max(200) });
const entryRequest = z.strictObject({ entry: z.string().max(200) });
const KEY_HEADER = 'x-console-key';

/** How people get in and out. */
export function entryRoutes(door: ConsoleDoor): Router {
  const router = Router();
  const welcome = (response: Response, { cookie, key }: SessionSecrets): void => {
    response.cookie(cookieName(response.req), cookie, { ...COOKIE_OPTIONS, maxAge: SESSION_MS });
    response.json({ key });
  };
  router.post('/sign-in', async (request, response) => {
    const { password } = parseMessage(signInRequest, request.body, 'sign-in');
    welcome(response, await door.signIn(password));
  });
  router.post('/enter', async (request, response) => {
    const { entry } = parseMessage(entryRequest, request.body, 'entry');
    welcome(response, await door.enter(entry));
  });
  router.post('/sign-out', (request, response) => {
    const cookie = sessionCookie(request);
    if (cookie !== undefined) door.signOut(cookie);
    response.clearCookie(cookieName(request), COOKIE_OPTIONS);
    response.json({});
  });
  return router;
}

/** Lets only those pass who signed in: by the cookie and the page's key together. */
export function requireSession(door: ConsoleDoor): RequestHandler {
  return (request, _response, next) => {
    const cookie = sessionCookie(request);
    const key = request.get(KEY_HEADER);
    door.check({ ...(cookie !== undefined && { cookie }), ...(key !== undefined && { key }) });
    next();
  };
}
