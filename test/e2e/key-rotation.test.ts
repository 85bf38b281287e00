import { cp, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { enrolSite } from '@fedoxnet/site-agent/agent/enrolment';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import { loadIdentity, nextKeys } from '@fedoxnet/site-agent/agent/identity';
import { rotateSiteKeys } from '@fedoxnet/site-agent/agent/key-rotation';
import { Session } from '@fedoxnet/site-agent/agent/session';
import { publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { RunningCoordinator } from '../coordinator/running-coordinator.js';
import { call } from '../coordinator/http-call.js';

describe('rotation of a site’s keys', () => {
  let running: RunningCoordinator;
  let folder: string;
  let homes = 0;
  before(async () => {
    running = await RunningCoordinator.start();
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-rotation-'));
  });
  after(async () => {
    await running.remove();
    await rm(folder, { recursive: true, force: true });
  });

  async function enrolled(): Promise<{ site: string; home: string }> {
    const site = `site-${homes++}`;
    const home = join(folder, site);
    await enrolSite({ coordinator: running.url, invitation: await running.invitation(site), site, home });
    return { site, home };
  }

  async function token(home: string): Promise<string> {
    const identity = await loadIdentity(home);
    return new Session(identity, new HttpClient(identity.address, { sent: 0, received: 0 })).token();
  }

  it('lets the new keys in and the old ones out at once, sessions included', async () => {
    const { site, home } = await enrolled();
    const stolen = join(folder, 'stolen');
    await cp(home, stolen, { recursive: true });
    const oldToken = await token(home);

    const keys = await rotateSiteKeys(home);
    expect(publicKeysOf((await loadIdentity(home)).keys)).to.deep.equal(keys);
    expect((await call(running.url, 'GET', 'sites/studies', { token: oldToken })).code).to.equal(
      'SESSION_INVALID',
    );
    expect((await call(running.url, 'GET', 'sites/studies', { token: await token(home) })).status).to.equal(
      200,
    );
    const thief = await token(stolen).catch((error: unknown) => error);
    expect(thief).to.include({ code: 'SIGNATURE_INVALID' });

    expect((await stat(join(home, 'keys.json'))).mode & 0o777).to.equal(0o600);
    expect((await readdir(home)).filter((name) => name.startsWith('keys'))).to.deep.equal(['keys.json']);
    const entries = await running.coordinator.database.stores.audit.page(0);
    const entry = entries.find(({ kind, detail }) => kind === 'rotate' && detail.includes(site));
    expect(JSON.parse(entry!.detail)).to.include({ site, ...keys });
  });

  it('is finished by giving the command again, wherever it was interrupted', async () => {
    const { home } = await enrolled();
    // Interrupted before the coordinator heard of the new keys: they are on disk, and are the ones that count later.
    const begun = publicKeysOf(await nextKeys(home));
    expect(await rotateSiteKeys(home)).to.deep.equal(begun);

    // Interrupted after the coordinator took them, before the home did.
    const before = await readFile(join(home, 'keys.json'));
    const taken = await rotateSiteKeys(home);
    await cp(join(home, 'keys.json'), join(home, 'keys.next.json'));
    await writeFile(join(home, 'keys.json'), before);
    expect(await token(home).catch((error: unknown) => error)).to.include({ code: 'SIGNATURE_INVALID' });
    expect(await rotateSiteKeys(home)).to.deep.equal(taken);
    expect(await token(home)).to.match(/^[\w-]{43}$/);
  });

  it('needs both keys: a session alone replaces nothing', async () => {
    const { home } = await enrolled();
    const signature = Buffer.alloc(64).toString('base64');
    const body = {
      keys: publicKeysOf(await nextKeys(home)),
      oldSignature: signature,
      newSignature: signature,
    };
    const answer = await call(running.url, 'POST', 'sites/rotate', { token: await token(home), body });
    expect([answer.status, answer.code]).to.deep.equal([403, 'SIGNATURE_INVALID']);
  });
});
