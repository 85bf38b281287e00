import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import type { SiteStanding, StudyRun } from '@fedoxnet/coordinator/rounds/run';
import { transition } from '@fedoxnet/coordinator/rounds/transition';
import { loadRun } from '@fedoxnet/coordinator/rounds/load-run';
import { migrate } from '@fedoxnet/coordinator/storage/migrate';
import { AUDIT_LABEL } from '@fedoxnet/coordinator/audit/audit-chain';
import { storesOn, type Stores } from '@fedoxnet/coordinator/storage/stores';
import { OneOpenInvitation1785700000000 } from '@fedoxnet/migrations/0008-one-open-invitation';
import { migrations } from '@fedoxnet/migrations/all';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { planFor } from '../coordinator/study-of-three-tensors.js';
import { onEachDatabase } from './each-database.js';

const KEYS = generateKeys();
const signed = (hash: string): string => signText(AUDIT_LABEL, hash, KEYS.sign.secretKey);
const AT = new Date('2026-01-02T03:04:05.678Z');
const LATER = new Date('2026-01-03T00:00:00.000Z');
const HASH = 'a'.repeat(64);

onEachDatabase('storage', (database) => {
  let source: DataSource;
  let other: DataSource;
  let stores: Stores;
  before(async () => {
    source = await database().connect();
    other = await database().connect();
    stores = storesOn(source.manager, signed);
  });
  after(async () => {
    for (const connection of [source, other]) if (connection?.isInitialized) await connection.destroy();
  });

  it('is migrated once by two that start together, and by nobody after that', async () => {
    const ran = await Promise.all([migrate(source), migrate(other)]);
    const names = migrations.map(({ prototype }) => prototype.constructor.name);
    expect(ran.flat()).to.deep.equal(names);
    expect(await migrate(source)).to.deep.equal([]);
  });

  it('has exactly the tables that the program describes', async () => {
    const { upQueries } = await source.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).to.deep.equal([]);
  });

  it('uses an invitation once, for its site, in its time', async () => {
    const { sites } = stores;
    await sites.addInvitation({ secretHash: HASH, site: 'a', createdAt: AT, expiresAt: LATER });
    expect(await sites.useInvitation(HASH, 'b', AT)).to.equal(false);
    expect(await sites.useInvitation(HASH, 'a', LATER)).to.equal(false);
    const both = await Promise.all([
      sites.useInvitation(HASH, 'a', AT),
      storesOn(other.manager, signed).sites.useInvitation(HASH, 'a', AT),
    ]);
    expect(both.filter(Boolean)).to.have.length(1);
  });

  it('keeps a site to one open invitation, whoever invites it, and voids it with a revocation', async () => {
    const invite = (connection: DataSource, secretHash: string): Promise<void> =>
      storesOn(connection.manager, signed).sites.addInvitation({
        secretHash,
        site: 'i',
        createdAt: AT,
        expiresAt: LATER,
      });
    const hashes = Array.from({ length: 6 }, (_, index) => `hash ${index}`);
    const open = async (): Promise<string[]> => {
      const used = await Promise.all(hashes.map((hash) => stores.sites.useInvitation(hash, 'i', AT)));
      return hashes.filter((_, index) => used[index]);
    };
    await Promise.all(hashes.map((hash, index) => invite(index % 2 === 0 ? source : other, hash)));
    const [winner, ...others] = await open();
    expect([typeof winner, others]).to.deep.equal(['string', []]);
    expect(await stores.sites.wasInvitedWith(winner!, 'i')).to.equal(true);
    await invite(source, 'next');
    expect(await stores.sites.revoke('i', AT)).to.equal(true);
    expect(await stores.sites.useInvitation('next', 'i', AT)).to.equal(false);
    expect(await stores.sites.wasInvitedWith(winner!, 'i'), 'a used one is remembered').to.equal(true);
    expect(await stores.sites.revoke('i', AT)).to.equal(false);
  });

  it('comes from before with the newest open invitation of a site, and none that a revocation should have voided', async () => {
    const migration = new OneOpenInvitation1785700000000();
    const runner = source.createQueryRunner();
    try {
      await migration.down(runner);
      const { sites } = storesOn(runner.manager, signed);
      await sites.enrol('m2', 'sign', 'box', AT);
      await sites.revoke('m2', new Date(AT.getTime() + 1000));
      const row = (hash: string, site: string, seconds: number, usedAt: Date | null = null) =>
        runner.query(`INSERT INTO invitation VALUES ($1, $2, $3, $4, $5)`, [
          hash,
          site,
          new Date(AT.getTime() + 1000 * seconds),
          LATER,
          usedAt,
        ]);
      await row('m1 older', 'm1', 1);
      await row('m1 newer', 'm1', 2);
      await row('m1 used', 'm1', 0, AT);
      await row('m2 before', 'm2', 1);
      await row('m3 after', 'm3', 2);
      await migration.up(runner);
      const left = (await runner.query(
        `SELECT secret_hash FROM invitation WHERE site LIKE 'm_' ORDER BY secret_hash`,
      )) as { secret_hash: string }[];
      expect(left.map((invitation) => invitation.secret_hash)).to.deep.equal([
        'm1 newer',
        'm1 used',
        'm3 after',
      ]);
    } finally {
      await runner.release();
    }
  });

  it('stores nothing that rests on keys which are replaced or revoked meanwhile', async () => {
    await stores.sites.enrol('k', 'old', 'box', AT);
    const holds = (signKey: string): Promise<boolean> =>
      source.transaction((manager) => storesOn(manager, signed).sites.holdsKey('k', signKey));
    expect([await holds('old'), await holds('new')]).to.deep.equal([true, false]);
    // A session that is being opened with the old key makes the rotation wait, which then ends it.
    let rotation: Promise<boolean> | undefined;
    await source.transaction(async (manager) => {
      const { sites } = storesOn(manager, signed);
      expect(await sites.holdsKey('k', 'old')).to.equal(true);
      rotation = storesOn(other.manager, signed).sites.rotate('k', 'old', { signKey: 'new', boxKey: 'b' });
      await sites.addSession('late', 'k', LATER);
    });
    expect(await rotation).to.equal(true);
    expect(await stores.sites.siteOfSession('late', AT)).to.equal(null);
    expect([await holds('old'), await holds('new')]).to.deep.equal([false, true]);
    await stores.sites.revoke('k', AT);
    expect(await holds('new')).to.equal(false);
  });

  it('lets a challenge serve once, and ends sessions with a revocation', async () => {
    const { sites } = stores;
    await sites.enrol('a', 'sign', 'box', AT);
    await sites.addChallenge('x', 'a', LATER);
    expect(await sites.takeChallenge('x', 'b', AT)).to.equal(false);
    expect(await sites.takeChallenge('x', 'a', AT)).to.equal(true);
    expect(await sites.takeChallenge('x', 'a', AT)).to.equal(false);
    await sites.addSession('token', 'a', LATER);
    expect((await sites.siteOfSession('token', AT))?.name).to.equal('a');
    expect(await sites.siteOfSession('token', LATER)).to.equal(null);
    expect(await sites.revoke('a', AT)).to.equal(true);
    expect(await sites.siteOfSession('token', AT)).to.equal(null);
    expect(await sites.revoke('a', AT)).to.equal(false);
    await sites.enrol('a', 'sign', 'box', AT);
  });

  it('gives a study name to one plan', async () => {
    expect(await stores.studies.create(planFor('s', ['a']), HASH, AT)).to.equal(true);
    expect(await stores.studies.create(planFor('s', ['a', 'b']), HASH, AT)).to.equal(false);
    expect((await stores.studies.find('s'))?.plan).to.deep.equal(planFor('s', ['a']));
  });

  const here: SiteStanding = { awaySince: null, pace: null, films: 40 };

  it('lets one of two writers make a step, and reads back what was written', async () => {
    const row = await stores.studies.find('s');
    const before = loadRun(row!, null, { a: here }, 1000);
    const { run: after } = transition(before, { kind: 'started' }, AT.getTime());
    const step = (connection: DataSource): Promise<boolean> =>
      connection.transaction((manager) =>
        storesOn(manager, signed).rounds.advance(before, after, row!.version),
      );
    expect((await Promise.all([step(source), step(other)])).filter(Boolean)).to.have.length(1);
    const latest = await stores.rounds.latest('s');
    const read: StudyRun = loadRun((await stores.studies.find('s'))!, latest, { a: here }, 1000);
    expect(read).to.deep.equal(after);
  });

  it('takes one upload per site, round and attempt, and completes it once', async () => {
    const upload = {
      study: 's',
      round: 1,
      attempt: 1,
      site: 'a',
      header: {} as never,
      signature: '',
      createdAt: AT,
    };
    expect(await stores.uploads.open({ id: 'u1', ...upload })).to.equal(true);
    expect(await storesOn(other.manager, signed).uploads.open({ id: 'u2', ...upload })).to.equal(false);
    const done = await Promise.all([
      stores.uploads.complete('u1', AT),
      storesOn(other.manager, signed).uploads.complete('u1', AT),
    ]);
    expect(done.filter(Boolean)).to.have.length(1);
    expect(await stores.uploads.discard('u1')).to.equal(false);
  });

  it('keeps numbers of any size in a site’s part of a round', async () => {
    const masses = {
      films: 3,
      positives: 0.1 + 0.2,
      classRows: [1e-300],
      globalRows: [0],
      prototypeRows: [5],
    };
    const pace = { secondsPerStep: 1 / 3, bytesPerSecond: 1e9 };
    await stores.rounds.putDelivery('s', 1, 'a', { upload: 'u1', masses, uploadBytes: 5_000_000_000, pace });
    const [site] = (await stores.rounds.latest('s'))?.sites ?? [];
    expect(site?.masses).to.deep.equal(masses);
    expect(site?.uploadBytes).to.equal(5_000_000_000);
    expect(await stores.rounds.paces('s')).to.deep.equal({ a: pace });
  });

  it('chains the audit log from two writers without a gap', async () => {
    const append = (connection: DataSource, site: string): Promise<void> =>
      connection.transaction((manager) => storesOn(manager, signed).audit.append(AT, 'invite', { site }));
    const connections = [source, other, source, other, source, other];
    await Promise.all(connections.map((connection, index) => append(connection, `site-${index}`)));
    expect(await stores.audit.verify(publicKeysOf(KEYS).signKey)).to.include({ entries: 6, brokenAt: null });
    await source.query(`UPDATE audit SET detail = '{}' WHERE sequence = 4`);
    expect(await stores.audit.verify(publicKeysOf(KEYS).signKey)).to.include({ brokenAt: 4 });
  });

  it('undoes all of a transaction that fails', async () => {
    const failed = source.transaction(async (manager) => {
      await storesOn(manager, signed).sites.enrol('half', 'k', 'k', AT);
      throw new Error('no');
    });
    expect(await failed.catch((error: Error) => error.message)).to.equal('no');
    expect(await storesOn(other.manager, signed).sites.find('half')).to.equal(null);
  });
});
