import { expect } from 'chai';
import { io } from 'socket.io-client';
import { MAX_SOCKET_BYTES } from '@fedoxnet/shared/protocol/limits';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import type { FakeSite } from '../fake-site.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor, weights } from '../study-of-three-tensors.js';

const codeOf = (reply: unknown) => (reply as { error?: { code?: string } }).error?.code;

/** The code with which a namespace refuses a handshake. */
async function refusalOf(url: string, auth: object): Promise<string | undefined> {
  const socket = io(url, { auth, reconnection: false, forceNew: true, transports: ['websocket'] });
  try {
    return await new Promise((resolve, reject) => {
      socket.once('connect', () => reject(new Error('it was let in')));
      socket.once('connect_error', (error: Error & { data?: unknown }) => resolve(codeOf(error.data)));
    });
  } finally {
    socket.close();
  }
}

describe('the sockets', () => {
  let running: RunningCoordinator;
  let site: FakeSite;
  before(async () => {
    running = await RunningCoordinator.start();
    site = await running.site('site-a');
  });
  after(() => running.remove());

  it('let nobody in without a token or of another version', async () => {
    const token = await site.signIn();
    expect(await refusalOf(`${running.url}/sites`, {})).to.equal('SESSION_INVALID');
    expect(await refusalOf(`${running.url}/sites`, { token: 'x', protocol: PROTOCOL })).to.equal(
      'SESSION_INVALID',
    );
    expect(await refusalOf(`${running.url}/sites`, { token, protocol: 99 })).to.equal('PROTOCOL_VERSION');
    expect(await refusalOf(`${running.url}/dashboard`, { token })).to.equal('FORBIDDEN');
    expect(await refusalOf(`${running.url}/`, { token, protocol: PROTOCOL })).to.equal('NOT_FOUND');
  });

  it('answer every message, however wrong, and live on', async () => {
    const socket = await site.connect();
    for (const message of [null, 7, 'x', [], {}, { films: { train: -1 } }]) {
      expect(codeOf(await socket.emitWithAck('site:describe', message))).to.equal('MESSAGE_INVALID');
      expect(codeOf(await socket.emitWithAck('round:progress', message))).to.equal('MESSAGE_INVALID');
    }
    socket.emit('site:describe'); // not even an acknowledgement
    const films = { train: 3, val: 1, box: 1, image: 1, none: 1 };
    expect(
      await socket.emitWithAck('site:describe', { agent: '0.1.0', backend: 'cpu', films }),
    ).to.deep.equal({});
    for (const agent of ['one\u0000', 'two\nlines', 'half \ud83d']) {
      const description = { agent, backend: 'cpu', films };
      expect(codeOf(await socket.emitWithAck('site:describe', description)), agent).to.equal(
        'MESSAGE_INVALID',
      );
    }
    const progress = {
      ...{ study: 'none', round: 1, attempt: 1, phase: 'train', step: 1, steps: 2 },
      ...{ losses: { 'a\u0000': 1 }, filmsPerSecond: 1, bytesSent: 0, bytesReceived: 0 },
    };
    expect(codeOf(await socket.emitWithAck('round:progress', progress))).to.equal('MESSAGE_INVALID');
    const failed = { study: 'none', round: 1, attempt: 1, code: 'X', message: 'x' };
    expect(codeOf(await socket.emitWithAck('round:failed', failed))).to.equal('NOT_FOUND');
  });

  it('refuse a second connection while the first answers, and take it when the first has gone', async () => {
    const first = site.socket;
    const second = await site.connect().then(
      () => 'let in',
      (error: Error) => error.message,
    );
    expect(second).to.equal('SITE_ALREADY_CONNECTED');
    expect(first?.connected).to.equal(true);
    // The operator learns of it, once for all the tries of the next minutes.
    await site.connect().catch(() => undefined);
    const entries = await running.coordinator.database.stores.audit.page(0);
    const noted = entries.filter(({ kind }) => kind === 'connected-twice');
    expect(noted.map(({ detail }) => JSON.parse(detail) as { site: string })).to.have.length(1);
    expect(noted[0]?.detail).to.contain(`"site":"${site.name}"`);
    first?.close();
    // Whether the coordinator has heard of the end or not: a dead connection answers no probe.
    await site.connect();
  });

  it('end when a message is larger than any that a site sends', async () => {
    const socket = await (await running.site('site-d')).connect();
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    const said = socket
      .emitWithAck('site:describe', 'x'.repeat(MAX_SOCKET_BYTES - 100))
      .then(codeOf, () => 'ended');
    expect(await said).to.equal('MESSAGE_INVALID');
    socket.emit('site:describe', 'x'.repeat(MAX_SOCKET_BYTES));
    expect(await ended).to.equal('transport close');
  });

  const revoke = (name: string) => running.operate('POST', `admin/sites/${name}/revoke`);

  it('end the connection of a site that is revoked', async () => {
    const other = await running.site('site-b');
    const socket = await other.connect();
    const ended = new Promise((resolve) => socket.once('disconnect', resolve));
    await revoke('site-b');
    expect(await ended).to.equal('io server disconnect');
  });

  it('give no connection to a site that is revoked while its handshake waits', async () => {
    const other = await running.site('site-c');
    const { engine } = (await other.connect()).io;
    const wire = engine as unknown as { _sendPacket(type: string, ...rest: unknown[]): void };
    // The first connection has gone deaf. That it is asked for a sign of life shows that the token of the second was found good.
    const asked = new Promise<void>((resolve) => engine.once('ping', resolve));
    const send = wire._sendPacket.bind(wire);
    wire._sendPacket = (type, ...rest) => (type === 'pong' ? undefined : send(type, ...rest));
    const second = other.connect();
    await asked;
    await revoke('site-c');
    const socket = await second;
    if (socket.connected) await new Promise((resolve) => socket.once('disconnect', resolve));
    const { sites } = (await running.operate('GET', 'admin/sites')).json as {
      sites: { site: string; connected: boolean }[];
    };
    expect(sites.find((each) => each.site === 'site-c')).to.include({ connected: false });
  });
});

describe('a coordinator that is started again', () => {
  it('invites the same attempt anew, and counts what was delivered before', async () => {
    const first = await RunningCoordinator.start();
    const names = ['site-a', 'site-b'];
    const sites = await Promise.all(names.map((name) => first.site(name)));
    const hash = await first.study(planFor('again', names));
    for (const site of sites) await site.approve('again', hash);
    const masses = {
      films: 1,
      positives: 0,
      classRows: [0, 0],
      globalRows: [0, 0],
      prototypeRows: [0, 0],
    };
    const [a, b] = sites as [FakeSite, FakeSite];
    await a.connect();
    await b.connect();
    const invitations = Promise.all([a.nextInvitation(), b.nextInvitation()]);
    await first.operate('POST', 'admin/studies/again/start');
    const [toA] = await invitations;
    expect((await a.send(a.seal(toA, weights([2, 2], [0, 0], [0, 0, 0, 0]), masses))).status).to.equal(200);
    await first.stop();

    const second = await RunningCoordinator.start(first.dataDir);
    try {
      const returned = sites.map((site) => Object.assign(site, { url: second.url }));
      for (const site of returned) await site.signIn();
      await b.connect();
      const again = await b.nextInvitation();
      expect(again).to.include({ round: 1, attempt: 1, digest: toA.digest });
      expect((await b.send(b.seal(again, weights([4, 4], [0, 0], [0, 0, 0, 0]), masses))).status).to.equal(
        200,
      );
      // Nobody answers the call to evaluate, so the release is read before the round is published.
      await second.until('again', ({ history }) => history[0]?.state === 'evaluating');
      const released = await a.download('again', 1);
      expect([...(released.get('stem.kernel')?.values ?? [])]).to.deep.equal([4, 5]); // 1 + 3, 2 + 3
    } finally {
      sites.forEach((site) => site.close());
      await second.remove();
    }
  });
});
