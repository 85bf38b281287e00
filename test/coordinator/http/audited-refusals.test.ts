import { expect } from 'chai';
import { io } from 'socket.io-client';
import { uploadState } from '@fedoxnet/shared/protocol/http-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { FakeSite } from '../fake-site.js';
import { call } from '../http-call.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor, weights } from '../study-of-three-tensors.js';

const MASSES = { films: 1, positives: 1, classRows: [1, 1], globalRows: [1, 1], prototypeRows: [1, 1] };
const ADDRESS = { address: '127.0.0.1' };

describe('the audit log of what was refused and taken away', () => {
  let running: RunningCoordinator;
  let site: FakeSite;
  before(async () => {
    running = await RunningCoordinator.start();
    site = await running.site('site-a');
    await site.approve('small', await running.study(planFor('small', ['site-a'])));
  });
  after(() => running.remove());

  async function entriesOf(kind: string): Promise<Record<string, unknown>[]> {
    const entries = await running.coordinator.database.stores.audit.page(0);
    return entries
      .filter((entry) => entry.kind === kind)
      .map(({ detail }) => JSON.parse(detail) as Record<string, unknown>);
  }

  /** What `deed` adds; it is written behind the answer. */
  async function added(count: number, deed: () => Promise<unknown>): Promise<Record<string, unknown>[]> {
    const before = (await entriesOf('refused')).length;
    await deed();
    for (;;) {
      const found = (await entriesOf('refused')).slice(before);
      if (found.length >= count) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  it('has strangers with a wrong invitation or signature, by their address', async () => {
    const request = 'POST /sites/enrol';
    const found = await added(2, async () => {
      await new FakeSite(running.url, 'site-x').enrol('0123456789abcdef');
      const thief = new FakeSite(running.url, 'site-x');
      thief.keys.sign.secretKey.fill(7, 0, 8);
      expect((await thief.enrol('0123456789abcdef')).code).to.equal('SIGNATURE_INVALID');
    });
    expect(found).to.deep.equal([
      { ...ADDRESS, code: 'INVITATION_INVALID', request },
      { ...ADDRESS, code: 'SIGNATURE_INVALID', request },
    ]);
  });

  it('has a site with wrong headers and chunks, by its name', async () => {
    const socket = await site.connect();
    const invitation = site.nextInvitation();
    await running.operate('POST', 'admin/studies/small/start');
    const update = site.seal(await invitation, weights([1, 1], [1, 1], [1, 1, 1, 1]), MASSES);
    const [chunk = new Uint8Array()] = update.chunks;
    const found = await added(5, async () => {
      const signature = Buffer.alloc(64).toString('base64');
      expect((await site.openUpload({ ...update, signature })).code).to.equal('SIGNATURE_INVALID');
      const { id } = uploadState.parse((await site.openUpload(update)).json);
      const put = async (bytes: Uint8Array) => (await site.call('PUT', `uploads/${id}/chunks/0`, bytes)).code;
      expect(await put(Buffer.concat([chunk, Buffer.alloc(1)]))).to.equal('TOO_LARGE');
      expect(await put(chunk.subarray(1))).to.equal('UPLOAD_MISMATCH');
      const damaged = Uint8Array.from(chunk, (byte, at) => (at === 5 ? byte ^ 1 : byte));
      for (const bytes of [damaged, damaged]) expect(await put(bytes)).to.equal('CHUNK_NOT_AUTHENTIC');
      await socket.emitWithAck('site:describe', { films: 'hunter2' });
    });
    const request = 'PUT /uploads/:id/chunks/:index';
    expect(found).to.deep.equal([
      { site: 'site-a', code: 'SIGNATURE_INVALID', request: 'POST /uploads' },
      { site: 'site-a', code: 'TOO_LARGE', request },
      { site: 'site-a', code: 'UPLOAD_MISMATCH', request },
      { site: 'site-a', code: 'CHUNK_NOT_AUTHENTIC', request },
      { site: 'site-a', code: 'MESSAGE_INVALID', request: 'site:describe' },
    ]);
  });

  it('has people who may not, other versions on the socket, and of no message what was in it', async () => {
    const { viewer } = running.coordinator.tokens;
    const found = await added(3, async () => {
      await call(running.url, 'POST', 'admin/invitations', { token: viewer, body: { site: 'site-y' } });
      const dialled = io(`${running.url}/sites`, {
        auth: { token: 'hunter2', protocol: PROTOCOL + 1 },
        reconnection: false,
        forceNew: true,
      });
      await new Promise((resolve) => dialled.once('connect_error', resolve));
      dialled.close();
      const body = { hunter2: 'hunter2' };
      expect((await call(running.url, 'POST', 'sites/challenge', { body })).code).to.equal('MESSAGE_INVALID');
      expect((await call(running.url, 'GET', 'hunter2')).code).to.equal('NOT_FOUND');
    });
    expect(found).to.have.deep.members([
      { person: 'token:viewer', code: 'FORBIDDEN', request: 'POST /invitations' },
      { ...ADDRESS, code: 'PROTOCOL_VERSION', request: 'connect /sites' },
      { ...ADDRESS, code: 'MESSAGE_INVALID', request: 'POST /sites/challenge' },
    ]);
  });

  it('has whoever takes a model away', async () => {
    const path = 'admin/studies/small/releases/0/model';
    const { viewer } = running.coordinator.tokens;
    expect((await call(running.url, 'GET', path, { token: viewer })).code).to.equal('FORBIDDEN');
    expect(await entriesOf('export')).to.deep.equal([]);
    expect((await running.operate('GET', path)).status).to.equal(200);
    const { digest } = (await running.coordinator.database.stores.studies.findRelease('small', 0))!.header;
    expect(await entriesOf('export')).to.deep.equal([
      { study: 'small', release: 0, digest, by: 'token:operator' },
    ]);
  });

  it('ends with what had no entry, and holds', async () => {
    await running.stop();
    running = await RunningCoordinator.start(running.dataDir);
    const [leftOut] = await entriesOf('refusals-left-out');
    expect(leftOut?.['others']).to.equal(0);
    expect(leftOut?.['refusals']).to.deep.equal([
      { site: 'site-a', code: 'CHUNK_NOT_AUTHENTIC', times: 1 },
      // Of the model, which the viewer asked for.
      { person: 'token:viewer', code: 'FORBIDDEN', times: 1 },
    ]);
    const { json } = await running.operate('GET', 'admin/audit');
    expect(json).to.include({ brokenAt: null });
    const entries = await running.coordinator.database.stores.audit.page(0);
    expect(JSON.stringify(entries)).not.to.include('hunter2');
  });
});
