import { expect } from 'chai';
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
const updateOf = (site: FakeSite, invitation: RoundInvitation, stem: number) =>
  site.seal(invitation, weights([stem, stem], [0, 0], [0, 0, 0, 0]), MASSES);

describe('a second update of a site for the same round', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  it('is refused in another attempt: the one that was accepted is the one that is summed', async () => {
    const names = ['site-a', 'site-b'];
    const [a, b] = (await Promise.all(names.map((name) => running.site(name)))) as [FakeSite, FakeSite];
    const hash = await running.study(planFor('twice', names));
    for (const site of [a, b]) {
      await site.approve('twice', hash);
      await site.connect();
    }
    const invited = Promise.all([a.nextInvitation(), b.nextInvitation()]);
    await running.operate('POST', 'admin/studies/twice/start');
    const [toA, toB] = await invited;
    const accepted = updateOf(a, toA, 2);
    expect((await a.send(accepted)).status).to.equal(200);
    const { json, status } = await a.openUpload(accepted);
    expect(status).to.equal(200);
    const late = await a.call('PUT', `uploads/${(json as { id: string }).id}/chunks/0`, accepted.chunks[0]);
    expect(`${late.status} ${late.code}`).to.equal('409 UPLOAD_MISMATCH');
    const { study, round, attempt } = toB;
    await b.socket?.emitWithAck('round:failed', { study, round, attempt, code: 'X', message: 'x' });
    await running.until('twice', ({ state }) => state === 'paused');
    const again = b.nextInvitation();
    await running.operate('POST', 'admin/studies/twice/resume');
    const second = await again;
    expect(second).to.include({ round: 1, attempt: 2 });

    const other = await a.send(updateOf(a, { ...toA, attempt: 2 }, 50));
    expect(`${other.status} ${other.code}`).to.equal('409 ROUND_CLOSED');
    expect((await b.send(updateOf(b, second, 4))).status).to.equal(200);
    await running.until('twice', ({ history }) => history[0]?.state === 'evaluating');
    // 1 + (2 + 4)/2, 2 + (2 + 4)/2
    expect([...((await a.download('twice', 1)).get('stem.kernel')?.values ?? [])]).to.deep.equal([4, 5]);
    const entries = await running.coordinator.database.stores.audit.page(0);
    const of = (kind: string) =>
      entries
        .filter((entry) => entry.kind === kind)
        .map(({ detail }) => JSON.parse(detail) as { site: string });
    expect(of('upload-accepted').map(({ site }) => site)).to.deep.equal(names);
  });
});
