import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import type { CoordinatorContext } from '@fedoxnet/coordinator/context';
import { openSession } from '@fedoxnet/coordinator/sites/site-session';
import type { SiteStore } from '@fedoxnet/coordinator/storage/site-store';
import type { FederationError } from '@fedoxnet/shared/errors';
import { challengeReply, siteStudies } from '@fedoxnet/shared/protocol/http-messages';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { PROTOCOL } from '@fedoxnet/shared/protocol/version';
import { toBase64 } from '@fedoxnet/shared/sealing/base64';
import {
  ROTATION_LABEL,
  rotationText,
  SESSION_LABEL,
  sessionText,
} from '@fedoxnet/shared/sealing/session-texts';
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

  it('gets no session by keys that are replaced or revoked while it signs in', async () => {
    const site = await running.site('site-e');
    const { database } = running.coordinator;
    const signInWhile = async (meanwhile: () => Promise<unknown>): Promise<string> => {
      const asked = await site.call('POST', 'sites/challenge', { protocol: PROTOCOL, site: site.name });
      const { challenge } = challengeReply.parse(asked.json);
      const nonce = toBase64(randomBytes(32));
      const signature = signText(
        SESSION_LABEL,
        sessionText(site.name, challenge, nonce),
        site.keys.sign.secretKey,
      );
      const { sites } = database.stores;
      // The key was read; the signature is about to be checked.
      const slow: Pick<SiteStore, 'find' | 'takeChallenge'> = {
        find: (name) => sites.find(name),
        takeChallenge: async (...challenged) => {
          await meanwhile();
          return sites.takeChallenge(...challenged);
        },
      };
      const context = {
        database: { ...database, stores: { ...database.stores, sites: slow } },
        keys: generateKeys(),
        now: () => new Date(),
        agents: { addressOf: () => null },
      } as unknown as CoordinatorContext;
      const asker = { address: '127.0.0.1', before: undefined };
      return openSession(context, { site: site.name, challenge, nonce, signature }, asker).then(
        () => 'signed in',
        (error: FederationError) => error.code,
      );
    };
    expect(await signInWhile(() => Promise.resolve())).to.equal('signed in');
    expect(await signInWhile(() => revoke('site-e'))).to.equal('SIGNATURE_INVALID');
    await site.enrol(await running.invitation('site-e'));
    const { signKey } = publicKeysOf(site.keys);
    const rotate = () => database.stores.sites.rotate('site-e', signKey, publicKeysOf(generateKeys()));
    expect(await signInWhile(rotate)).to.equal('SIGNATURE_INVALID');
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
