import { expect } from 'chai';
import { uploadState } from '@fedoxnet/shared/protocol/http-messages';
import type { RoundInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { FakeSite } from '../fake-site.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor, weights } from '../study-of-three-tensors.js';

const MASSES: UpdateMasses = {
  films: 1,
  positives: 0,
  classRows: [0, 0],
  globalRows: [0, 0],
  prototypeRows: [0, 0],
};
const NAMES = ['site-a', 'site-b', 'site-c'];
const updateOf = (site: FakeSite, invitation: RoundInvitation, stem: number) =>
  site.seal(invitation, weights([stem, stem], [0, 0], [0, 0, 0, 0]), MASSES);

describe('the updates of a site that is revoked', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  /** Three sites that were invited to round 1. */
  async function begun(study: string): Promise<[FakeSite, RoundInvitation][]> {
    const sites = await Promise.all(NAMES.map((name) => running.site(name)));
    const hash = await running.study(planFor(study, NAMES, { quorum: 2 }));
    for (const site of sites) {
      await site.approve(study, hash);
      await site.connect();
    }
    const invitations = Promise.all(sites.map((site) => site.nextInvitation()));
    await running.operate('POST', `admin/studies/${study}/start`);
    return (await invitations).map((invitation, index) => [sites[index] as FakeSite, invitation]);
  }
  const revoke = () => running.operate('POST', 'admin/sites/site-a/revoke');
  const statesOf = async (study: string) =>
    (await running.status(study)).history[0]?.sites.map(({ state }) => state);

  it('are left out of a round that collects, and it is not waited for', async () => {
    const [[a, toA], [b, toB], [c, toC]] = (await begun('left-out')) as [
      [FakeSite, RoundInvitation],
      [FakeSite, RoundInvitation],
      [FakeSite, RoundInvitation],
    ];
    expect((await a.send(updateOf(a, toA, 90))).status).to.equal(200);
    const { stores } = running.coordinator.database;
    const accepted = (await stores.rounds.find('left-out', 1))?.sites[0]?.upload ?? '';
    expect(await stores.uploads.find(accepted)).to.include({ site: 'site-a' });
    expect((await revoke()).status).to.equal(200);
    expect(await statesOf('left-out')).to.deep.equal(['failed', 'accepted', 'accepted']);
    expect(await stores.uploads.find(accepted)).to.equal(null);
    const refused = (await stores.audit.page(0)).filter(({ kind }) => kind === 'upload-refused');
    expect(refused.map(({ detail }) => JSON.parse(detail) as object)).to.deep.equal([
      {
        ...{ study: 'left-out', round: 1, attempt: 1, site: 'site-a', upload: accepted },
        ...{ code: 'SITE_REVOKED', reason: 'The site was revoked, or has other keys now.' },
      },
    ]);

    await b.send(updateOf(b, toB, 2));
    await c.send(updateOf(c, toC, 4));
    await running.until('left-out', ({ history }) => history[0]?.state === 'evaluating');
    // 1 + (2 + 4)/2, 2 + (2 + 4)/2
    const released = await b.download('left-out', 1);
    expect([...(released.get('stem.kernel')?.values ?? [])]).to.deep.equal([4, 5]);
    await running.operate('POST', 'admin/studies/left-out/cancel');
    for (const site of [b, c]) site.close();
  });

  it('are taken again when it comes back with a new invitation and new keys', async () => {
    const [[a, toA], [b], [c]] = (await begun('back')) as [
      [FakeSite, RoundInvitation],
      [FakeSite, RoundInvitation],
      [FakeSite, RoundInvitation],
    ];
    await a.send(updateOf(a, toA, 90));
    await revoke();
    const again = await running.site('site-a');
    await again.connect();
    const invited = again.nextInvitation();
    await again.approve('back', toA.planHash);
    const invitation = await invited;
    expect(invitation).to.include({ study: 'back', round: 1, attempt: 1 });
    expect((await again.send(updateOf(again, invitation, 3))).status).to.equal(200);
    expect((await statesOf('back'))?.[0]).to.equal('uploaded');
    await running.operate('POST', 'admin/studies/back/cancel');
    for (const site of [b, c]) site.close();
  });

  it('are dropped when they are half here', async () => {
    const [[a, toA]] = (await begun('half')) as [[FakeSite, RoundInvitation]];
    const opened = uploadState.parse((await a.openUpload(updateOf(a, toA, 90))).json);
    const { uploads } = running.coordinator.database.stores;
    expect(await uploads.find(opened.id)).not.to.equal(null);
    await revoke();
    expect(await uploads.find(opened.id)).to.equal(null);
    expect((await a.call('POST', `uploads/${opened.id}/complete`)).code).to.equal('SESSION_INVALID');
  });
});
