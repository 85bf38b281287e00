import { Router, type CookieOptions, type Request } from 'express';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { shortName } from '@fedoxnet/shared/ids';
import { parseMessage } from '@fedoxnet/shared/protocol/parse';
import type { CoordinatorContext } from '../context.js';
import { SESSION_COOKIE, sessionCookie } from '../people/access.js';
import { invitePerson } from '../people/invite-person.js';
import { requireOwnPage } from '@fedoxnet/shared/access/own-page';
import { password } from '@fedoxnet/shared/access/password';
import { SESSION_MS, signIn, signOut } from '../people/person-session.js';
import { removePerson } from '../people/remove-person.js';
import { ROLES } from '../people/roles.js';
import { welcomePerson } from '../people/welcome-person.js';
import { nameIn } from './parameters.js';
import { rateLimit } from './rate-limit.js';
import { requireActor } from './who-asks.js';

const signInRequest = z.strictObject({ person: shortName, password: z.string().max(200) });
const welcomeRequest = z.strictObject({ invitation: z.string().max(200), password });
const personRequest = z.strictObject({ person: shortName, role: z.enum(ROLES) });

/** Scripts cannot read the cookie, and it goes out with requests of our own page only. */
function cookieOptions(request: Request): CookieOptions {
  return { httpOnly: true, sameSite: 'strict', path: '/', secure: request.secure };
}

/** How people get in and out; and, for the operator, who they are. */
export function peopleRoutes(context: CoordinatorContext): Router {
  const router = Router();

  router.use(['/sign-in', '/sign-out', '/welcome'], rateLimit(), (request, _response, next) => {
    requireOwnPage(request.headers);
    next();
  });
  router.post('/sign-in', async (request, response) => {
    const message = parseMessage(signInRequest, request.body, 'sign-in');
    const { token, person, role } = await signIn(context, message, request.ip ?? '');
    response.cookie(SESSION_COOKIE, token, { ...cookieOptions(request), maxAge: SESSION_MS });
    response.json({ person, role });
  });
  router.post('/sign-out', async (request, response) => {
    const token = sessionCookie(request.headers);
    if (token !== undefined) await signOut(context, token);
    response.clearCookie(SESSION_COOKIE, cookieOptions(request));
    response.json({});
  });
  router.post('/welcome', async (request, response) => {
    const message = parseMessage(welcomeRequest, request.body, 'welcome');
    const person = await welcomePerson(context, message);
    context.disconnectPerson(person);
    response.json({ person });
  });
  router.get('/me', async (request, response) => {
    const isKnown = sessionCookie(request.headers) !== undefined;
    const actor = isKnown ? await requireActor(context, request, 'look').catch(() => null) : null;
    response.json({ actor });
  });

  router.get('/admin/people', async (request, response) => {
    await requireActor(context, request, 'people');
    const people = await context.database.stores.people.all();
    response.json({
      people: people.map(({ name, role, passwordHash, createdAt, removedAt }) => ({
        person: name,
        role,
        state: removedAt !== null ? 'removed' : passwordHash === null ? 'invited' : 'active',
        createdAt: createdAt.toISOString(),
      })),
    });
  });
  router.post('/admin/people', async (request, response) => {
    const actor = await requireActor(context, request, 'people');
    const message = parseMessage(personRequest, request.body, 'person');
    const invited = await invitePerson(context, message, actor);
    const page = context.publicUrl ?? `${request.protocol}://${request.get('host')}`;
    response.json({ ...invited, link: `${page}/#welcome=${invited.invitation}` });
  });
  router.post('/admin/people/:person/remove', async (request, response) => {
    const actor = await requireActor(context, request, 'people');
    const person = nameIn(request, 'person');
    if (actor.name === person) throw new FederationError('FORBIDDEN', 'Nobody can remove themselves.');
    await removePerson(context, person, actor);
    context.disconnectPerson(person);
    response.json({});
  });
  return router;
}
