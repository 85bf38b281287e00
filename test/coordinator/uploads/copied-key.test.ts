import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { expect } from 'chai';
import { uploadState, type UploadState } from '@fedoxnet/shared/protocol/http-messages';
import type { RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { FakeSite, type SealedUpdate } from '../fake-site.js';
import type { Answer } from '../http-call.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor, weights } from '../study-of-three-tensors.js';

const MASSES: UpdateMasses = {
  films: 1,
  positives: 0,
  classRows: [0, 0],
  globalRows: [0, 0],
  prototypeRows: [0, 0],
};

/** Asks from another address of the loopback. */
class SiteElsewhere extends FakeSite {
  override async call(method: string, path: string, body?: unknown): Promise<Answer> {
    const options = { method, headers: { 'content-type': 'application/json' }, localAddress: '127.0.0.2' };
    const asked = request(`${this.url}/v1/${path}`, options).end(JSON.stringify(body));
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    const bytes = Buffer.concat(await response.toArray());
    return { status: response.statusCode ?? 0, bytes, json: JSON.parse(String(bytes)), code: null };
  }
}

describe("a copy of a site's key", () => {
  let running: RunningCoordinator;
  let site: FakeSite;
  let thief: FakeSite;
  let invitation: RoundInvitation;
  let half: SealedUpdate;
  before(async () => {
    running = await RunningCoordinator.start();
    site = await running.site('site-a');
    await running.site('site-b');
    await site.approve('copied', await running.study(planFor('copied', ['site-a', 'site-b'], { quorum: 1 })));
    await site.connect();
    const invited = site.nextInvitation();
    await running.operate('POST', 'admin/studies/copied/start');
    invitation = await invited;
    half = updateWith(2);
    thief = new FakeSite(running.url, 'site-a').copyKey(site);
    await thief.signIn();
  });
  after(() => running.remove());

  const updateWith = (stem: number) =>
    site.seal(invitation, weights([stem, stem], [0, 0], [0, 0, 0, 0]), MASSES);
  const opened = async (by: FakeSite, update: SealedUpdate): Promise<UploadState> =>
    uploadState.parse((await by.openUpload(update)).json);
  const entries = async (kind: string) =>
    (await running.coordinator.database.stores.audit.page(0))
      .filter((entry) => entry.kind === kind)
      .map(({ detail }) => JSON.parse(detail) as Record<string, unknown>);

  it('uploads nothing while the site is connected, and the operator learns of it', async () => {
    const { id } = await opened(site, half);
    await site.call('PUT', `uploads/${id}/chunks/0`, half.chunks[0]);
    expect(await entries('connected-twice'), 'commands of the same machine').to.deep.equal([]);
    expect((await thief.openUpload(updateWith(50))).code).to.equal('SITE_ALREADY_CONNECTED');
    expect((await thief.openUpload(half)).code).to.equal('SITE_ALREADY_CONNECTED');
    expect(await entries('connected-twice')).to.deep.equal([
      { site: 'site-a', address: '127.0.0.1', use: 'upload' },
    ]);
    expect(await opened(site, half)).to.deep.include({ id, received: [0], complete: false });
  });

  it('is noted when it signs in from elsewhere', async () => {
    await new SiteElsewhere(running.url, 'site-a').copyKey(site).signIn();
    expect(await entries('connected-twice')).to.deep.include({
      ...{ site: 'site-a', address: '127.0.0.2', use: 'sign-in' },
    });
  });

  it('does not stand in the way of the site itself: with a renewed session, or after its line was cut', async () => {
    const { id } = await opened(site, half);
    await site.signIn(); // shows the token that it had
    expect(await opened(site, half)).to.include({ id });
    // The line is dead, and nobody has told the coordinator; a restarted agent knows no session.
    const { transport } = site.socket?.io.engine as unknown as { transport: { ws: { pause(): void } } };
    transport.ws.pause();
    const again = new FakeSite(running.url, 'site-a').copyKey(site);
    await again.signIn();
    expect(await opened(again, half)).to.include({ id });
    site.close();
    expect(await entries('upload-replaced')).to.deep.equal([]);
  });

  it('leaves a trace where it replaces half an update of a site that is away', async () => {
    const other = updateWith(60);
    await opened(thief, other);
    const [noted] = await entries('upload-replaced');
    const digests = { digest: half.header.digest, by: other.header.digest };
    expect(noted).to.include({ site: 'site-a', round: 1, attempt: 1, address: '127.0.0.1', ...digests });
  });

  it('does not learn where another update goes by coming at the same time', async () => {
    const asked = await Promise.all(
      Array.from({ length: 8 }, (_, index) => thief.openUpload(updateWith(10 + index))),
    );
    const ids = asked.flatMap(({ status, json }) => (status === 200 ? [(json as UploadState).id] : []));
    expect(ids.length).to.be.at.least(1);
    expect(new Set(ids).size, 'each has an upload of its own').to.equal(ids.length);
    for (const { status, code } of asked) if (status !== 200) expect(code).to.equal('UPLOAD_MISMATCH');
  });

  it('is told that another update was accepted: only the header that was accepted gets the receipt', async () => {
    const update = updateWith(5);
    expect((await site.send(update)).json).to.include({ digest: update.header.digest });
    expect((await site.openUpload(update)).json).to.include({ complete: true });
    expect((await thief.openUpload(updateWith(70))).code).to.equal('UPLOAD_MISMATCH');
  });
});
