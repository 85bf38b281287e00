import { expect } from 'chai';
import type { DataSource } from 'typeorm';
import type { SiteStanding, StudyRun } from '@fedoxnet/coordinator/rounds/run';
import { transition } from '@fedoxnet/coordinator/rounds/transition';
import { loadRun } from '@fedoxnet/coordinator/rounds/load-run';
import { migrate } from '@fedoxnet/coordinator/storage/migrate';
import { AUDIT_LABEL } from '@fedoxnet/coordinator/audit/audit-chain';
import { storesOn, type Stores } from '@fedoxnet/coordinator/storage/stores';
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
