import { expect } from 'chai';
import type { RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { chunkCount } from '@fedoxnet/shared/sealing/chunks';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { uploadState } from '@fedoxnet/shared/protocol/http-messages';
import { FakeSite } from '../fake-site.js';
import { call } from '../http-call.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { initialModel, planFor, ROLES, weights } from '../study-of-three-tensors.js';

const MASSES: UpdateMasses = {
  films: 1,
  positives: 1,
  classRows: [1, 1],
  globalRows: [1, 1],
  prototypeRows: [1, 1],
};
const DELTA = weights([1, 1], [1, 1], [1, 1, 1, 1]);

/** Connects and waits for the first invitation. */
async function invited(site: FakeSite, begin: () => Promise<unknown>): Promise<RoundInvitation> {
  await site.connect();
  const message = site.nextInvitation();
  await begin();
  return message;
}

describe('what bad requests get', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  it('answers in one form, and says nothing of itself', async () => {
    const unknown = await call(running.url, 'GET', '/v1/nothing');
    expect(unknown.status).to.equal(404);
    expect(unknown.json).to.have.nested.property('error.help');
    const response = await fetch(`${running.url}/v1/sites/challenge`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"protocol":',
    });
    expect(response.status).to.equal(400);
    expect(response.headers.get('x-powered-by')).to.equal(null);
    expect(response.headers.get('content-security-policy')).to.contain("default-src 'none'");
    expect((await call(running.url, 'GET', '/healthz')).json).to.deep.equal({ ok: true });
  });

  it('takes an invitation once, from the site it names, with a signature', async () => {
    const invitation = await running.invitation('site-e');
    const stranger = new FakeSite(running.url, 'site-x');
    expect((await stranger.enrol(invitation)).code).to.equal('INVITATION_INVALID');
    const site = new FakeSite(running.url, 'site-e');
    expect((await site.enrol('0123456789abcdef')).code).to.equal('INVITATION_INVALID');
    expect((await site.enrol(invitation)).status).to.equal(200);
    expect((await site.enrol(invitation)).status, 'the same request again').to.equal(200);
    const thief = new FakeSite(running.url, 'site-e');
    expect((await thief.enrol(invitation)).code).to.equal('INVITATION_INVALID');
  });

  it('refuses unknown and revoked sites and other versions', async () => {
    const ask = (site: string, protocol = PROTOCOL) =>
      call(running.url, 'POST', 'sites/challenge', { body: { site, protocol } });
    expect((await ask('site-u')).code).to.equal('SITE_UNKNOWN');
    const site = await running.site('site-r');
    expect((await ask('site-r', 99)).code).to.equal('PROTOCOL_VERSION');
    await running.operate('POST', 'admin/sites/site-r/revoke');
    expect((await ask('site-r')).code).to.equal('SITE_REVOKED');
    expect((await site.call('GET', 'sites/studies')).code).to.equal('SESSION_INVALID');
    expect((await running.operate('POST', 'admin/sites/site-r/revoke')).code).to.equal('NOT_FOUND');
  });

  it('lets only the operator administrate, and only holders of a token look', async () => {
    const { viewer } = running.coordinator.tokens;
    const asViewer = await call(running.url, 'GET', 'admin/sites', { token: viewer });
    expect([asViewer.status, asViewer.code]).to.deep.equal([403, 'FORBIDDEN']);
    expect((await call(running.url, 'GET', 'admin/sites')).code).to.equal('SESSION_INVALID');
    expect((await call(running.url, 'GET', 'studies')).code).to.equal('SESSION_INVALID');
    expect((await call(running.url, 'GET', 'studies', { token: viewer })).status).to.equal(200);
    expect((await running.operate('GET', 'studies')).status).to.equal(200);
  });

  it('checks plan and initial model before a study can start', async () => {
    const plan = planFor('checked', ['site-m']);
    const wrong = await running.operate('POST', 'admin/studies', { plan: { ...plan, quorum: 2 } });
    expect([wrong.status, wrong.code]).to.deep.equal([400, 'PLAN_INVALID']);
    expect((await running.operate('POST', 'admin/studies', { plan })).status).to.equal(200);
    expect((await running.operate('POST', 'admin/studies', { plan })).status, 'again').to.equal(200);
    const other = await running.operate('POST', 'admin/studies', { plan: { ...plan, title: 'other' } });
    expect(other.code).to.equal('STUDY_EXISTS');
    expect((await running.operate('POST', 'admin/studies/checked/start')).code).to.equal('MODEL_INVALID');

    const put = (file: Uint8Array) => running.operate('PUT', 'admin/studies/checked/model', file);
    const model = weights([1, 2], [3, 4], [0, 0, 1, 1]);
    expect((await put(encodeSafetensors(model, {}))).code).to.equal('MODEL_INVALID');
    const { prototypes: _, ...incomplete } = ROLES;
    const roles = JSON.stringify(incomplete);
    expect((await put(encodeSafetensors(model, { roles }))).code).to.equal('MODEL_INVALID');
    const infinite = weights([1, Infinity], [3, 4], [0, 0, 1, 1]);
    expect((await put(encodeSafetensors(infinite, { roles: JSON.stringify(ROLES) }))).code).to.equal(
      'WEIGHTS_INVALID',
    );
    expect((await put(new Uint8Array(20))).code).to.equal('WEIGHTS_INVALID');
    expect((await put(initialModel())).status).to.equal(200);
    expect((await running.operate('POST', 'admin/studies/checked/resume')).code).to.equal('STUDY_STATE');
  });

  it('opens plans and releases only to sites of the study that approved the plan', async () => {
    const [inside, outside] = [await running.site('site-i'), await running.site('site-o')];
    const hash = await running.study(planFor('private', ['site-i']));
    expect((await outside.call('GET', 'studies/private/plan')).code).to.equal('NOT_FOUND');
    expect((await outside.approve('private', hash)).code).to.equal('NOT_FOUND');
    expect((await outside.call('GET', 'studies/private/releases/0')).code).to.equal('NOT_FOUND');
    expect((await inside.call('GET', 'studies/private/releases/0')).code).to.equal('PLAN_NOT_APPROVED');
    expect((await inside.approve('private', 'f'.repeat(64))).code).to.equal('PLAN_NOT_APPROVED');
    expect((await inside.approve('private', hash)).status).to.equal(200);
    expect([...(await inside.download('private', 0)).keys()]).to.deep.equal(Object.keys(ROLES));
    expect((await inside.call('GET', 'studies/private/releases/1')).code).to.equal('NOT_FOUND');
  });

  describe('an upload', () => {
    let site: FakeSite;
    let invitation: RoundInvitation;
    before(async () => {
      site = await running.site('site-up');
      await site.approve('up', await running.study(planFor('up', ['site-up'])));
      invitation = await invited(site, () => running.operate('POST', 'admin/studies/up/start'));
    });

    it('is refused when its header is wrong', async () => {
      const open = async (changes: Parameters<FakeSite['seal']>[3]) =>
        (await site.openUpload(site.seal(invitation, DELTA, MASSES, changes))).code;
      expect(await open({ site: 'site-e' })).to.equal('FORBIDDEN');
      expect(await open({ round: 2 })).to.equal('ROUND_CLOSED');
      expect(await open({ attempt: 2 })).to.equal('ROUND_CLOSED');
      // The model has 8 numbers of 4 bytes; 8 bytes and at most 4 MiB of header stand before them.
      const most = 8 * 4 + 8 + 4 * 1024 ** 2;
      const sized = async (bytes: number) => {
        const { header } = site.seal(invitation, DELTA, MASSES);
        const claimed = { ...header, bytes, chunks: chunkCount(bytes) };
        const signature = signHeader(claimed, site.keys.sign.secretKey);
        return (await site.openUpload({ header: claimed, signature, chunks: [] })).code;
      };
      expect(await sized(most)).to.equal(null);
      expect(await sized(most + 1)).to.equal('TOO_LARGE');
      expect(await open({ base: 'f'.repeat(64) })).to.equal('UPLOAD_MISMATCH');
      expect(await open({ planHash: 'f'.repeat(64) })).to.equal('PLAN_NOT_APPROVED');
      const good = site.seal(invitation, DELTA, MASSES);
      const signature = site.seal(invitation, DELTA, MASSES).signature;
      expect((await site.openUpload({ ...good, signature })).code).to.equal('SIGNATURE_INVALID');
    });

    it('is refused when its weights are wrong', async () => {
      const send = async (...update: [typeof DELTA, UpdateMasses]) =>
        (await site.send(site.seal(invitation, ...update))).code;
      expect(await send(weights([1, NaN], [1, 1], [1, 1, 1, 1]), MASSES)).to.equal('WEIGHTS_INVALID');
      expect(await send(new Map([...DELTA].slice(1)), MASSES)).to.equal('WEIGHTS_INVALID');
      expect(await send(DELTA, { ...MASSES, classRows: [1] })).to.equal('WEIGHTS_INVALID');
      // 10 steps of 4 films show 40
      expect(await send(DELTA, { ...MASSES, films: 41 })).to.equal('WEIGHTS_INVALID');
      const digest = 'f'.repeat(64);
      const sent = await site.send(site.seal(invitation, DELTA, MASSES, { digest }));
      expect(sent.code).to.equal('UPLOAD_MISMATCH');
      // ‖Δ‖ = 3·10⁵, above what any update in float32 has
      expect(await send(weights([3e5, 0], [0, 0], [0, 0, 0, 0]), MASSES)).to.equal('UPDATE_TOO_LONG');
      const { audit } = running.coordinator.database.stores;
      const refused = (await audit.page(0)).filter(({ kind }) => kind === 'upload-refused');
      expect(refused.map(({ detail }) => (JSON.parse(detail) as { code: string }).code)).to.deep.equal([
        'WEIGHTS_INVALID',
        'WEIGHTS_INVALID',
        'WEIGHTS_INVALID',
        'WEIGHTS_INVALID',
        'UPLOAD_MISMATCH',
        'UPDATE_TOO_LONG',
      ]);
    });

    it('is taken after damage, once, and answered the same when it is completed again', async () => {
      const update = site.seal(invitation, DELTA, MASSES);
      const { id } = uploadState.parse((await site.openUpload(update)).json);
      const path = `uploads/${id}`;
      expect((await site.call('POST', `${path}/complete`)).code).to.equal('UPLOAD_INCOMPLETE');
      const [chunk = new Uint8Array()] = update.chunks;
      expect((await site.call('PUT', `${path}/chunks/1`, chunk)).code).to.equal('MESSAGE_INVALID');
      const long = Buffer.concat([chunk, Buffer.alloc(1)]);
      expect((await site.call('PUT', `${path}/chunks/0`, long)).code).to.equal('TOO_LARGE');
      expect((await site.call('PUT', `${path}/chunks/0`, chunk.subarray(1))).code).to.equal(
        'UPLOAD_MISMATCH',
      );
      const damaged = Buffer.from(chunk);
      damaged[5] = (damaged[5] ?? 0) ^ 1;
      expect((await site.call('PUT', `${path}/chunks/0`, damaged)).code).to.equal('CHUNK_NOT_AUTHENTIC');
      expect((await site.call('POST', `${path}/complete`)).code).to.equal('UPLOAD_INCOMPLETE');
      expect((await site.call('GET', path)).json).to.deep.include({ received: [], complete: false });
      for (let time = 0; time < 2; time += 1) {
        expect((await site.call('PUT', `${path}/chunks/0`, chunk)).status).to.equal(200);
      }
      expect((await site.call('PUT', `${path}/chunks/0`, damaged)).code).to.equal('UPLOAD_MISMATCH');
      expect((await site.call('GET', path)).json).to.deep.include({ received: [0], complete: false });

      const thief = await running.site('site-th');
      expect((await thief.call('GET', path)).code).to.equal('NOT_FOUND');
      const both = await Promise.all([
        site.call('POST', `${path}/complete`),
        site.call('POST', `${path}/complete`),
      ]);
      expect(both.map(({ status }) => status)).to.deep.equal([200, 200]);
      expect((await site.openUpload(update)).json).to.deep.include({ id, complete: true });
      const status = await running.until('up', ({ history }) => history[0]?.state !== 'training');
      expect(status.history[0]?.sites[0]?.uploadBytes).to.equal(update.header.bytes + 16);
    });
  });
});
