import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { ledgerDays, readDay } from '@fedoxnet/site-agent/ledger/day-record';
import { Ledger } from '@fedoxnet/site-agent/ledger/ledger';
import { dayOf } from '@fedoxnet/site-agent/ledger/ledger-day';
import { kindOfRequest } from '@fedoxnet/site-agent/ledger/sent-item';

const TO = 'https://coordinator.example';
const UPDATE = 'ab'.repeat(32);
/** SHA-256 of `{}`, FIPS 180-4. */
const EMPTY_OBJECT = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

describe('ledger', () => {
  let home: string;
  let at: Date;
  const now = () => at;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'fedoxnet-ledger-'));
    at = new Date(2025, 2, 1, 9, 30);
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  it('names every request of the protocol by its path', () => {
    const kinds = [
      'v1/sites/enrol',
      'v1/sites/session',
      'v1/studies/chest-1/census',
      'v1/uploads',
      'v1/uploads/u1/chunks/0',
      'v1/studies/chest-1/rounds/7/evaluation',
      'v1/studies/chest-1/rounds/7/countersignature',
      'v1/something/new',
    ].map(kindOfRequest);
    expect(kinds.map(({ what }) => what)).to.deep.equal([
      ...[
        'enrolment',
        'session proof',
        'census',
        'update',
        'update',
        'evaluation report',
        'receipt',
        'other',
      ],
    ]);
    expect(kinds[5]).to.deep.equal({ what: 'evaluation report', study: 'chest-1', round: 7 });
  });

  it('adds up the chunks of an update under its digest, and digests any other body', async () => {
    const ledger = new Ledger({ home, to: TO, now });
    const about = { study: 'chest-1', round: 3, attempt: 1, digest: UPDATE };
    const chunk = new Uint8Array(100);
    ledger.request({ path: 'v1/uploads/u1/chunks/0', body: chunk, bytes: 100, about });
    at = new Date(2025, 2, 1, 9, 31);
    ledger.request({ path: 'v1/uploads/u1/chunks/1', body: chunk, bytes: 40, about }); // the line broke
    ledger.request({ path: 'v1/studies/chest-1/census', body: Buffer.from('{}'), bytes: 2 });
    const { rows, bytes, items } = await readDay(home, '2025-03-01');
    expect({ bytes, items }).to.deep.equal({ bytes: 142, items: 3 });
    const update = rows.find(({ what }) => what === 'update');
    expect(update).to.deep.include({ bytes: 140, items: 2, digest: UPDATE, round: 3, to: TO });
    expect(update?.from).to.equal(new Date(2025, 2, 1, 9, 30).toISOString());
    expect(rows.find(({ what }) => what === 'census')?.digest).to.equal(EMPTY_OBJECT);
  });

  it('keeps reports apart from what left the site: one row for each, by the digest of its file', async () => {
    const [one, two] = ['11'.repeat(32), '22'.repeat(32)];
    const ledger = new Ledger({ home, to: 'TESTPACS@10.0.0.7:104', now });
    ledger.report(700, one);
    ledger.report(900, two);
    ledger.report(700, one); // sent again
    new Ledger({ home, to: TO, now }).message('answer', {});
    const day = await readDay(home, '2025-03-01');
    expect(day).to.deep.include({ items: 1, bytes: 2, reports: { items: 3, bytes: 2300 } });
    const rows = day.rows.filter(({ what }) => what === 'findings report');
    expect(rows.map(({ items, bytes, digest, to }) => [items, bytes, digest, to])).to.have.deep.members([
      [2, 1400, one, 'TESTPACS@10.0.0.7:104'],
      [1, 900, two, 'TESTPACS@10.0.0.7:104'],
    ]);
  });

  it('counts small messages and writes them as one line', async () => {
    const ledger = new Ledger({ home, to: TO, now });
    const about = { study: 'chest-1', round: 3, attempt: 1 };
    for (const step of [1, 2, 3]) ledger.count('progress', { step }, about); // {"step":1} has 10 bytes
    expect((await readDay(home, '2025-03-01')).rows).to.deep.equal([]);
    ledger.flush();
    expect((await readDay(home, '2025-03-01')).rows[0]).to.deep.include({ items: 3, bytes: 30 });
  });

  it('begins a file each day, readable by its owner alone, and removes those older than 400 days', async () => {
    const ledger = new Ledger({ home, to: TO, now });
    ledger.message('site description', {});
    const folder = join(home, 'ledger');
    await writeFile(join(folder, '2024-01-25.jsonl'), ''); // 401 days before 1 March 2025
    await writeFile(join(folder, '2024-01-27.jsonl'), '');
    at = new Date(2025, 2, 2, 0, 0, 1);
    ledger.message('site description', {});
    expect((await readdir(folder)).sort()).to.deep.equal([
      ...['2024-01-27.jsonl', '2025-03-01.jsonl', '2025-03-02.jsonl'],
    ]);
    expect((await stat(join(folder, '2025-03-02.jsonl'))).mode & 0o777).to.equal(0o600);
    expect(await ledgerDays(home)).to.deep.equal(['2025-03-02', '2025-03-01', '2024-01-27']);
    expect(dayOf(at)).to.equal('2025-03-02');
  });

  it('keeps what it cannot write, says so once, and writes it with the next line', async () => {
    const faults: Error[] = [];
    const ledger = new Ledger({ home, to: TO, now, onFault: (error) => faults.push(error) });
    await writeFile(join(home, 'ledger'), 'a file where the folder should be');
    ledger.message('failure', { n: 1 });
    ledger.message('failure', { n: 2 });
    expect(faults).to.have.length(1);
    await rm(join(home, 'ledger'));
    ledger.message('failure', { n: 3 });
    const text = await readFile(join(home, 'ledger', '2025-03-01.jsonl'), 'utf8');
    expect(text.trim().split('\n')).to.have.length(3);
    expect((await readDay(home, '2025-03-01')).items).to.equal(3);
  });

  it('refuses a line that is none of its own, and passes over one that was cut off', async () => {
    const ledger = new Ledger({ home, to: TO, now });
    ledger.message('answer', {});
    const path = join(home, 'ledger', '2025-03-01.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}{"at":"20`);
    expect((await readDay(home, '2025-03-01')).items).to.equal(1);
    await writeFile(path, '{"what":"gift"}\n');
    let message = '';
    await readDay(home, '2025-03-01').catch((error: Error) => (message = error.message));
    expect(message).to.contain('2025-03-01.jsonl, line 1 is not an entry');
  });
});
