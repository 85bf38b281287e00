import { expect } from 'chai';
import type { CoordinatorContext } from '@fedoxnet/coordinator/context';
import { signIn } from '@fedoxnet/coordinator/people/person-session';
import type { GuessLimit } from '@fedoxnet/shared/access/guess-limit';
import type { FederationError } from '@fedoxnet/shared/errors';
import { io, type Socket } from 'socket.io-client';
import { call } from '../http-call.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor } from '../study-of-three-tensors.js';

const PASSWORD = 'a long enough password';

interface Reply {
  readonly status: number;
  readonly code: string | null;
  readonly json: Record<string, unknown>;
  readonly cookie: string | null;
}

describe('people', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  async function ask(
    method: string,
    path: string,
    {
      body,
      cookie,
      headers = {},
    }: { body?: unknown; cookie?: string; headers?: Record<string, string> } = {},
  ): Promise<Reply> {
    const response = await fetch(`${running.url}/v1/${path}`, {
      method,
      headers: {
        ...(cookie === undefined ? {} : { cookie }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const json = (await response.json()) as Record<string, unknown> & { error?: { code: string } };
    return {
      status: response.status,
      code: json.error?.code ?? null,
      json,
      cookie: response.headers.get('set-cookie'),
    };
  }

  async function invite(person: string, role: string): Promise<string> {
    const { json } = await running.operate('POST', 'admin/people', { person, role });
    return (json as { invitation: string }).invitation;
  }

  /** Invited, welcomed and signed in. @returns the cookie as a browser sends it */
  async function signedIn(person: string, role: string): Promise<string> {
    await ask('POST', 'welcome', { body: { invitation: await invite(person, role), password: PASSWORD } });
    const { cookie } = await ask('POST', 'sign-in', { body: { person, password: PASSWORD } });
    return cookie!.split(';')[0]!;
  }

  it('choose a password with an invitation, once, and sign in with it', async () => {
    const invitation = await invite('ada', 'researcher');
    const short = await ask('POST', 'welcome', { body: { invitation, password: 'short' } });
    expect(short.code).to.equal('MESSAGE_INVALID');
    const welcome = () => ask('POST', 'welcome', { body: { invitation, password: PASSWORD } });
    expect((await welcome()).json).to.deep.equal({ person: 'ada' });
    expect((await welcome()).code).to.equal('INVITATION_INVALID');

    const reply = await ask('POST', 'sign-in', { body: { person: 'ada', password: PASSWORD } });
    expect(reply.json).to.deep.equal({ person: 'ada', role: 'researcher' });
    expect(reply.cookie).to.match(
      /^fedoxnet_session=[\w-]{43}; Max-Age=36000; Path=\/; .*HttpOnly; SameSite=Strict$/,
    );
    const me = await ask('GET', 'me', { cookie: reply.cookie!.split(';')[0]! });
    expect(me.json).to.deep.equal({ actor: { name: 'ada', role: 'researcher' } });
  });

  it('do what their role allows, and nothing else', async () => {
    const cookies = new Map<string, string>();
    for (const role of ['operator', 'researcher', 'auditor'])
      cookies.set(role, await signedIn(`${role}-1`, role));
    const allowed = async (method: string, path: string, body?: unknown): Promise<string> => {
      const roles: string[] = [];
      for (const [role, cookie] of cookies) {
        const { code } = await ask(method, path, { cookie, ...(body === undefined ? {} : { body }) });
        if (code !== 'FORBIDDEN') roles.push(role);
      }
      return roles.join(' ');
    };
    const plan = planFor('roles', ['site-a']);
    expect(await allowed('GET', 'studies')).to.equal('operator researcher auditor');
    expect(await allowed('GET', 'admin/sites')).to.equal('operator researcher auditor');
    expect(await allowed('POST', 'admin/studies', { plan })).to.equal('operator researcher');
    expect(await allowed('GET', 'admin/studies/roles/releases/0/model')).to.equal('operator researcher');
    expect(await allowed('POST', 'admin/studies/roles/pause')).to.equal('operator');
    expect(await allowed('POST', 'admin/invitations', { site: 'site-a' })).to.equal('operator');
    expect(await allowed('POST', 'admin/sites/site-a/revoke')).to.equal('operator');
    expect(await allowed('GET', 'admin/audit')).to.equal('operator auditor');
    expect(await allowed('GET', 'admin/people')).to.equal('operator');
    expect(await allowed('POST', 'admin/people', { person: 'new', role: 'auditor' })).to.equal('operator');
  });

  it('are named in the audit log with what they did', async () => {
    const cookie = await signedIn('grace', 'operator');
    await ask('POST', 'admin/invitations', { cookie, body: { site: 'site-g' } });
    const entries = await running.coordinator.database.stores.audit.page(0);
    const last = entries.filter(({ kind }) => kind === 'invite').at(-1);
    expect(JSON.parse(last!.detail)).to.include({ site: 'site-g', by: 'grace' });
  });

  it('cannot be made to act by another page', async () => {
    const cookie = await signedIn('eve', 'operator');
    const from = (headers: Record<string, string>) =>
      ask('POST', 'admin/invitations', { cookie, headers, body: { site: 'site-x' } });
    expect((await from({ origin: 'https://elsewhere.example' })).code).to.equal('FORBIDDEN');
    expect((await from({ 'sec-fetch-site': 'cross-site' })).code).to.equal('FORBIDDEN');
    expect((await from({ 'sec-fetch-site': 'same-site' })).code).to.equal('FORBIDDEN');
    expect((await from({ origin: 'null' })).code).to.equal('FORBIDDEN');
    expect((await from({ origin: running.url })).status).to.equal(200);
    expect((await from({ 'sec-fetch-site': 'same-origin' })).status).to.equal(200);
  });

  it('learn from a refusal neither whether a name exists nor how the password differs', async () => {
    await signedIn('linus', 'auditor');
    const wrong = await ask('POST', 'sign-in', { body: { person: 'linus', password: 'not the password' } });
    const unknown = await ask('POST', 'sign-in', {
      body: { person: 'nobody', password: 'not the password' },
    });
    expect(wrong).to.deep.equal(unknown);
    expect([wrong.status, wrong.code]).to.deep.equal([401, 'SIGN_IN_REFUSED']);
  });

  it('end a session by signing out, and lose all of them with a new password', async () => {
    const cookie = await signedIn('mary', 'auditor');
    await ask('POST', 'sign-out', { cookie, body: {} });
    expect((await ask('GET', 'studies', { cookie })).code).to.equal('SESSION_INVALID');
    expect((await ask('GET', 'me', { cookie })).json).to.deep.equal({ actor: null });
    const before = await signedIn('mary', 'auditor');
    await signedIn('mary', 'researcher');
    expect((await ask('GET', 'studies', { cookie: before })).code).to.equal('SESSION_INVALID');
  });

  it('are out at once when they are removed, from what they watch too', async () => {
    const cookie = await signedIn('bob', 'researcher');
    const socket: Socket = io(`${running.url}/dashboard`, {
      transports: ['websocket'],
      extraHeaders: { cookie },
      reconnection: false,
    });
    try {
      await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
      const ended = new Promise<string>((resolve) => socket.on('disconnect', resolve));
      expect((await running.operate('POST', 'admin/people/bob/remove')).status).to.equal(200);
      expect(await ended).to.equal('io server disconnect');
    } finally {
      socket.close();
    }
    expect((await ask('GET', 'studies', { cookie })).code).to.equal('SESSION_INVALID');
    const again = await ask('POST', 'sign-in', { body: { person: 'bob', password: PASSWORD } });
    expect(again.code).to.equal('SIGN_IN_REFUSED');
    expect((await running.operate('POST', 'admin/people/bob/remove')).code).to.equal('NOT_FOUND');
  });

  it('stop watching when they choose a new password, for whoever knew the old one', async () => {
    const cookie = await signedIn('dave', 'researcher');
    const socket: Socket = io(`${running.url}/dashboard`, {
      transports: ['websocket'],
      extraHeaders: { cookie },
      reconnection: false,
    });
    try {
      await new Promise<void>((resolve, reject) => socket.on('connect', resolve).on('connect_error', reject));
      const ended = new Promise<string>((resolve) => socket.on('disconnect', resolve));
      await signedIn('dave', 'researcher');
      expect(await ended).to.equal('io server disconnect');
    } finally {
      socket.close();
    }
  });

  it('cannot watch through the socket of another page', async () => {
    const cookie = await signedIn('carol', 'researcher');
    const socket: Socket = io(`${running.url}/dashboard`, {
      transports: ['websocket'],
      extraHeaders: { cookie, origin: 'https://elsewhere.example' },
      reconnection: false,
    });
    const error = await new Promise<Error>((resolve) => socket.on('connect_error', resolve));
    socket.close();
    expect(error.message).to.contain('another page');
  });
});

describe('a sign-in with the old password that is under way when a person', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  const invite = async (): Promise<string> => {
    const { json } = await running.operate('POST', 'admin/people', { person: 'kim', role: 'auditor' });
    return (json as { invitation: string }).invitation;
  };
  const choose = async (password: string) =>
    call(running.url, 'POST', 'welcome', { body: { invitation: await invite(), password } });

  /** Signs in with the right password; `meanwhile` happens after it was compared and before the session is stored. */
  const signedInWhile = (meanwhile: () => Promise<unknown>): Promise<string> => {
    const { database } = running.coordinator;
    const guesses: Pick<GuessLimit, 'attempt'> = {
      attempt: async (_guess, isRight) => {
        const found = await isRight();
        await meanwhile();
        return found;
      },
    };
    const context = { database, guesses, now: () => new Date() } as CoordinatorContext;
    return signIn(context, { person: 'kim', password: PASSWORD }, '127.0.0.1').then(
      () => 'signed in',
      (error: FederationError) => error.code,
    );
  };

  it('chooses a new one, is removed, or comes back', async () => {
    await choose(PASSWORD);
    expect(await signedInWhile(() => Promise.resolve())).to.equal('signed in');
    expect(await signedInWhile(() => choose('another long password'))).to.equal('SIGN_IN_REFUSED');
    await choose(PASSWORD);
    const remove = () => running.operate('POST', 'admin/people/kim/remove');
    expect(await signedInWhile(remove)).to.equal('SIGN_IN_REFUSED');
    await choose(PASSWORD);
    expect(await signedInWhile(() => remove().then(invite))).to.equal('SIGN_IN_REFUSED');
  });
});

describe('a password', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  it('may be guessed eight times, also side by side and under many names', async () => {
    const invited = await running.operate('POST', 'admin/people', { person: 'judy', role: 'auditor' });
    const { invitation } = invited.json as { invitation: string };
    await call(running.url, 'POST', 'welcome', { body: { invitation, password: PASSWORD } });
    const signIn = async (person: string, password: string) =>
      (await call(running.url, 'POST', 'sign-in', { body: { person, password } })).code;
    const guesses = await Promise.all(Array.from({ length: 20 }, (_, i) => signIn('judy', `guess ${i}`)));
    const counted = (code: string) => guesses.filter((each) => each === code).length;
    expect([counted('SIGN_IN_REFUSED'), counted('RATE_LIMITED')]).to.deep.equal([8, 12]);
    expect(await signIn('judy', PASSWORD), 'even the right one').to.equal('RATE_LIMITED');
    expect(await signIn('nobody', 'x'), 'from this address').to.equal('RATE_LIMITED');
    const entries = await running.coordinator.database.stores.audit.page(0);
    expect(entries.filter(({ kind }) => kind === 'sign-in-refused')).to.have.length(8);
  });
});
