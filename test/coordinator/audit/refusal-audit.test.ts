import { expect } from 'chai';
import { pino } from 'pino';
import { RefusalAudit } from '@fedoxnet/coordinator/audit/refusal-audit';
import type { Database } from '@fedoxnet/coordinator/storage/database';
import type { ErrorCode } from '@fedoxnet/shared/errors';

describe('refusals in the audit log', () => {
  let entries: (readonly [kind: string, detail: Record<string, unknown>])[];
  let isAway: boolean;
  let now: number;
  let refusals: RefusalAudit;

  beforeEach(() => {
    [entries, isAway, now] = [[], false, 0];
    const audit = {
      append: async (_at: Date, kind: string, detail: Record<string, unknown>) => {
        if (isAway) throw new Error('the database is away');
        entries.push([kind, detail]);
      },
    };
    const database = { transaction: (work: (stores: unknown) => unknown) => work({ audit }) };
    refusals = new RefusalAudit(
      database as unknown as Database,
      pino({ level: 'silent' }),
      () => new Date(now),
    );
  });
  afterEach(() => refusals.close());

  const site = { site: 'north' };
  const note = (asker: Parameters<RefusalAudit['note']>[0], code: ErrorCode, times = 1): void => {
    for (let time = 0; time < times; time += 1) refusals.note(asker, { code }, 'PUT /here');
  };

  it('stand there once in an hour for each asker and code, and then with their number', async () => {
    note(site, 'TOO_LARGE', 3);
    note(site, 'CHUNK_NOT_AUTHENTIC');
    note({ person: 'ada' }, 'FORBIDDEN');
    note({ address: '10.0.0.1' }, 'SIGNATURE_INVALID', 6);
    now = 1000;
    await refusals.sumUp();
    const request = 'PUT /here';
    expect(entries).to.deep.equal([
      ['refused', { ...site, code: 'TOO_LARGE', request }],
      ['refused', { ...site, code: 'CHUNK_NOT_AUTHENTIC', request }],
      ['refused', { person: 'ada', code: 'FORBIDDEN', request }],
      ['refused', { address: '10.0.0.1', code: 'SIGNATURE_INVALID', request }],
      [
        'refusals-left-out',
        {
          since: '1970-01-01T00:00:00.000Z',
          refusals: [
            { ...site, code: 'TOO_LARGE', times: 2 },
            { address: '10.0.0.1', code: 'SIGNATURE_INVALID', times: 5 },
          ],
          others: 0,
        },
      ],
    ]);
    note(site, 'TOO_LARGE');
    await refusals.sumUp();
    expect(entries.slice(5)).to.deep.equal([['refused', { ...site, code: 'TOO_LARGE', request }]]);
  });

  it('of what happens in every study do not', async () => {
    for (const code of ['ROUND_CLOSED', 'SESSION_INVALID', 'NOT_FOUND', 'DISK_FULL', 'INTERNAL'] as const)
      note(site, code);
    await refusals.sumUp();
    expect(entries).to.deep.equal([]);
  });

  it('do not fill it, from however many addresses, keep room for sites, and are all counted', async () => {
    for (let at = 0; at < 5000; at += 1)
      note({ address: `10.0.${at >> 8}.${at & 255}` }, 'SIGNATURE_INVALID', 2);
    note(site, 'TOO_LARGE', 2);
    await refusals.sumUp();
    const written = entries.filter(([kind]) => kind === 'refused');
    expect(written).to.have.length(31);
    expect(written[30]?.[1]).to.include(site);
    expect(entries).to.have.length(32);
    const last = entries[31]?.[1] as { refusals: { times: number }[]; others: number };
    expect(last.refusals).to.have.length(20);
    expect(last.refusals[0]).to.deep.equal({ ...site, code: 'TOO_LARGE', times: 1 });
    const counted = last.refusals.reduce((sum, { times }) => sum + times, last.others);
    expect(counted + written.length).to.equal(5000 * 2 + 2);
    expect(JSON.stringify(last).length).to.be.lessThan(2000);
  });

  it('that could not be written are counted', async () => {
    isAway = true;
    note(site, 'TOO_LARGE');
    note(site, 'TOO_LARGE');
    await new Promise(setImmediate);
    isAway = false;
    await refusals.close();
    expect(entries.map(([kind]) => kind)).to.deep.equal(['refusals-left-out']);
    expect(entries[0]?.[1]['refusals']).to.deep.equal([{ ...site, code: 'TOO_LARGE', times: 2 }]);
  });
});
