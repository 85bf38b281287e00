import { expect } from 'chai';
import { countersignReceipts } from '@fedoxnet/site-agent/agent/countersign';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import { RoundRecords } from '@fedoxnet/site-agent/agent/round-records';
import { isCountersignedBy, signReceipt, type Receipt } from '@fedoxnet/shared/receipts/receipt';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';
import { scratchFolder } from './support/scratch.js';

const digit = (text: string): string => text.repeat(64);
const HONEST: Receipt = {
  version: 1,
  study: 'small',
  planHash: digit('a'),
  round: 3,
  attempt: 2,
  base: digit('b'),
  release: digit('c'),
  counted: [
    { site: 'north', update: digit('d') },
    { site: 'south', update: digit('e') },
  ],
};

describe('countersigning receipts', () => {
  const scratch = scratchFolder();
  const keys = generateKeys();
  let server: ProtocolServer;
  let records: RoundRecords;
  let posted: { signature: string }[];
  beforeEach(async () => {
    server = await startProtocolServer();
    posted = [];
    server.routes.set('POST /v1/studies/small/rounds/3/countersignature', ({ body }) => {
      posted.push(JSON.parse(body.toString()) as { signature: string });
      return {};
    });
    records = new RoundRecords(scratch());
    const at = '2026-01-02T03:04:05.678Z';
    await records.contributed('small', {
      round: 3,
      attempt: 2,
      base: digit('b'),
      update: digit('d'),
      bytes: 9,
      at,
    });
  });
  afterEach(() => server.close());

  /** @returns what was refused */
  async function offered(receipt: Receipt, signKeys = server.keys): Promise<string[]> {
    const signed = signReceipt(receipt, signKeys.sign.secretKey);
    server.routes.set('GET /v1/sites/receipts', () => ({ receipts: [signed] }));
    const identity = {
      ...{ version: 1 as const, site: 'north', address: server.address, keys },
      coordinator: publicKeysOf(server.keys),
    };
    const refused: string[] = [];
    const http = new HttpClient(server.address, { sent: 0, received: 0 });
    await countersignReceipts({ identity, http, records }, (error) => refused.push(error.message));
    return refused;
  }

  it('confirms what this site knows to be true, and keeps it', async () => {
    expect(await offered(HONEST)).to.deep.equal([]);
    expect(posted).to.have.length(1);
    const signature = posted[0]!.signature;
    expect(isCountersignedBy(HONEST, { signKey: publicKeysOf(keys).signKey, signature })).to.equal(true);
    expect(await records.receipts('small')).to.deep.equal([HONEST]);
  });

  for (const [what, lie, reason] of [
    [
      'another update in this site’s name',
      { counted: [{ site: 'north', update: digit('f') }] },
      'another update',
    ],
    ['another release to start from', { base: digit('f') }, 'another release'],
    ['a round that this site never worked on', { attempt: 1 }, 'never made'],
  ] as const) {
    it(`refuses a receipt with ${what}`, async () => {
      const [refused] = await offered({
        ...HONEST,
        ...lie,
        counted: [...((lie as Partial<Receipt>).counted ?? HONEST.counted)],
      });
      expect(refused).to.contain(reason);
      expect(posted).to.deep.equal([]);
      expect(await records.receipts('small')).to.deep.equal([]);
    });
  }

  it('refuses a receipt that another than the pinned coordinator signed', async () => {
    expect((await offered(HONEST, generateKeys()))[0]).to.contain('not signed by the pinned coordinator');
    expect(posted).to.deep.equal([]);
  });
});
