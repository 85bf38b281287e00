import { expect } from 'chai';
import { siteStudies } from '@fedoxnet/shared/protocol/http-messages';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { ROTATION_LABEL, rotationText } from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { FakeSite } from '../fake-site.js';
import { RunningCoordinator } from '../running-coordinator.js';
import { planFor } from '../study-of-three-tensors.js';

describe('who is a site', () => {
  let running: RunningCoordinator;
  before(async () => {
    running = await RunningCoordinator.start();
  });
  after(() => running.remove());

  const revoke = (site: string) => running.operate('POST', `admin/sites/${site}/revoke`);
  const enrolWith = async (site: string, invitation: string) =>
    (await new FakeSite(running.url, site).enrol(invitation)).code ?? 'enrolled';
  const approved = async (site: FakeSite) =>
    siteStudies.parse((await site.call('GET', 'sites/studies')).json).studies.map((study) => study.approved);

  it('is nobody who holds an invitation before the last one', async () => {
    const [first, second] = [await running.invitation('site-a'), await running.invitation('site-a')];
    expect(await enrolWith('site-a', first)).to.equal('INVITATION_INVALID');
    expect(await enrolWith('site-a', second)).to.equal('enrolled');
  });

  it('is nobody who comes with an invitation from before a revocation', async () => {
    const used = await running.invitation('site-b');
    const site = new FakeSite(running.url, 'site-b');
    await site.enrol(used);
    const open = await running.invitation('site-b');
    expect((await revoke('site-b')).status).to.equal(200);
    for (const invitation of [used, open]) {
      expect(await enrolWith('site-b', invitation)).to.equal('INVITATION_INVALID');
    }
    expect((await site.enrol(used)).code, 'not even its own keys again').to.equal('INVITATION_INVALID');
    expect(await enrolWith('site-b', await running.invitation('site-b'))).to.equal('enrolled');
  });

  it('can be uninvited before it has enrolled, and again after it was revoked', async () => {
    const invitation = await running.invitation('site-c');
    expect((await revoke('site-c')).status).to.equal(200);
    expect(await enrolWith('site-c', invitation)).to.equal('INVITATION_INVALID');
    expect((await revoke('site-c')).code).to.equal('NOT_FOUND');
    await running.site('site-c');
    await revoke('site-c');
    const again = await running.invitation('site-c');
    expect((await revoke('site-c')).status).to.equal(200);
    expect(await enrolWith('site-c', again)).to.equal('INVITATION_INVALID');
  });

  it('approves anew with new keys, not with the same ones, and not after a rotation', async () => {
    const site = await running.site('site-d');
    const hash = await running.study(planFor('kept', ['site-d']));
    await site.approve('kept', hash);
    await site.enrol(await running.invitation('site-d'));
    await site.signIn();
    expect(await approved(site), 'enrolled again with the same keys').to.deep.equal([true]);

    const keys = generateKeys();
    const text = rotationText('site-d', publicKeysOf(site.keys).signKey, publicKeysOf(keys));
    const rotation = {
      keys: publicKeysOf(keys),
      oldSignature: signText(ROTATION_LABEL, text, site.keys.sign.secretKey),
      newSignature: signText(ROTATION_LABEL, text, keys.sign.secretKey),
    };
    expect((await site.call('POST', 'sites/rotate', rotation)).status).to.equal(200);
    Object.assign(site.keys, keys);
    await site.signIn();
    expect(await approved(site), 'rotated').to.deep.equal([true]);

    await revoke('site-d');
    const successor = await running.site('site-d');
    expect(await approved(successor), 'enrolled with other keys').to.deep.equal([false]);
    expect((await successor.call('GET', 'studies/kept/releases/0')).code).to.equal('PLAN_NOT_APPROVED');
    const { sites } = await running.status('kept');
    expect(sites.find(({ site: name }) => name === 'site-d')).to.include({ approved: false });
    expect((await successor.approve('kept', hash)).status).to.equal(200);
    expect(await approved(successor)).to.deep.equal([true]);
  });
});
