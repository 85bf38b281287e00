import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import pino from 'pino';
import {
  confirmReceipts,
  countersignReceipts,
  type Countersigner,
} from '@fedoxnet/site-agent/agent/countersign';
import { formerSigners, keepFormerSigner } from '@fedoxnet/site-agent/agent/former-signers';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import { RoundRecords, type Contribution } from '@fedoxnet/site-agent/agent/round-records';
import {
  isCountersigned,
  signReceipt,
  type CountedUpdate,
  type Receipt,
  type SignedReceipt,
} from '@fedoxnet/shared/receipts/receipt';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';
import { scratchFolder } from './support/scratch.js';

const digit = (text: string): string => text.repeat(64);
const keys = generateKeys();
const { signKey } = publicKeysOf(keys);
const NORTH: CountedUpdate = {
  ...{ site: 'north', signKey, update: digit('d') },
  ...{ round: 3, attempt: 2, base: digit('b') },
};
const SOUTH: CountedUpdate = { ...NORTH, ...publicSigner(), site: 'south', update: digit('e') };
const HONEST: Receipt = {
  version: 2,
  study: 'small',
  planHash: digit('a'),
  round: 3,
  attempt: 2,
  base: digit('b'),
  release: digit('c'),
  counted: [NORTH, SOUTH],
};
/** The same round with other words about this site. */
const saying = (change: Partial<CountedUpdate>): Receipt => ({
  ...HONEST,
  counted: [{ ...NORTH, ...change }, SOUTH],
});

function publicSigner(): { signKey: string } {
  return { signKey: publicKeysOf(generateKeys()).signKey };
}

describe('countersigning receipts', () => {
  const scratch = scratchFolder();
  let server: ProtocolServer;
  let home: string;
  let records: RoundRecords;
  let posted: string[];
  beforeEach(async () => {
    server = await startProtocolServer();
    posted = [];
    server.routes.set('POST /v1/studies/small/rounds/3/countersignature', ({ body }) => {
      posted.push((JSON.parse(body.toString()) as { signature: string }).signature);
      return {};
    });
    home = scratch();
    records = new RoundRecords(home);
    await records.contributed('small', gave({}));
  });
  afterEach(() => server.close());

  function gave(change: Partial<Contribution>): Contribution {
    const made = { round: 3, attempt: 2, base: digit('b'), update: digit('d') };
    return { ...made, bytes: 9, at: '2026-01-02T03:04:05.678Z', ...change };
  }

  /** @returns what was refused */
  async function countersigned(): Promise<string[]> {
    const refused: string[] = [];
    await countersignReceipts(work(), (error) => refused.push(error.message));
    return refused;
  }

  function work(): Countersigner {
    const identity = {
      ...{ version: 1 as const, site: 'north', address: server.address, keys, home },
      coordinator: publicKeysOf(server.keys),
    };
    return { identity, http: new HttpClient(server.address, { sent: 0, received: 0 }), records };
  }

  function offered(receipt: Receipt, signer = server.keys): Promise<string[]> {
    const signed = signReceipt(receipt, signer.sign.secretKey);
    server.routes.set('GET /v1/sites/receipts', () => ({ receipts: [signed], more: false }));
    return countersigned();
  }

  it('confirms what this site knows to be true, and keeps it', async () => {
    expect(await offered(HONEST)).to.deep.equal([]);
    expect(posted).to.have.length(1);
    expect(isCountersigned(HONEST, { site: 'north', signature: posted[0]! })).to.equal(true);
    expect(await records.receipts('small')).to.deep.equal([HONEST]);
  });

  it('confirms an update that an earlier attempt of the round brought', async () => {
    await records.contributed('small', gave({ attempt: 1, update: digit('1') }));
    expect(await offered(saying({ attempt: 1, update: digit('1') }))).to.deep.equal([]);
    expect(posted).to.have.length(1);
  });

  it('confirms an update that was carried from the round before, from the release that it began with', async () => {
    const late = { round: 2, attempt: 4, base: digit('9'), update: digit('2') };
    await records.contributed('small', gave(late));
    expect(await offered(saying(late))).to.deep.equal([]);
    expect(posted).to.have.length(1);
  });

  const lies: [string, Receipt, string][] = [
    ['another update in this site’s name', saying({ update: digit('f') }), 'another update'],
    [
      'another release to start from',
      { ...HONEST, base: digit('f'), counted: [{ ...NORTH, base: digit('f') }] },
      'another release',
    ],
    ['work that this site never did', saying({ attempt: 1 }), 'never made'],
    ['a key that is not this site’s', saying(publicSigner()), 'a signing key that is not of this home'],
    ['others alone', { ...HONEST, counted: [SOUTH] }, 'does not count this site'],
    [
      'this site twice',
      { ...HONEST, counted: [NORTH, { ...NORTH, update: digit('f') }, SOUTH] },
      'once each and in order',
    ],
    ['an update of an attempt to come', saying({ attempt: 3 }), 'neither of this round'],
    ['an update of two rounds before', saying({ round: 1 }), 'neither of this round'],
    ['an update of this round from another release', saying({ base: digit('f') }), 'neither of this round'],
  ];
  for (const [what, lie, reason] of lies) {
    it(`refuses a receipt with ${what}`, async () => {
      expect((await offered(lie))[0]).to.contain(reason);
      expect(posted).to.deep.equal([]);
      expect(await records.receipts('small')).to.deep.equal([]);
    });
  }

  it('refuses a receipt that another than the pinned coordinator signed', async () => {
    expect((await offered(HONEST, generateKeys()))[0]).to.contain('not signed by the pinned coordinator');
    expect(posted).to.deep.equal([]);
  });

  it('comes to the true one behind pages of wrong ones, and behind one that the coordinator does not take back', async () => {
    const wrong = Array.from({ length: 60 }, (_, at) => ({ ...saying({}), study: 'other', round: at + 1 }));
    await records.contributed('refusing', gave({}));
    const all: SignedReceipt[] = [...wrong, { ...HONEST, study: 'refusing' }, HONEST].map((receipt) =>
      signReceipt(receipt, server.keys.sign.secretKey),
    );
    const asked: string[] = [];
    for (let from = 0; from < all.length; from += 10) {
      const { study, round } = all[from - 1]?.receipt ?? {};
      const query = from === 0 ? '' : `?after=${study}/${round}`;
      server.routes.set(`GET /v1/sites/receipts${query}`, () => {
        asked.push(query);
        return { receipts: all.slice(from, from + 10), more: from + 10 < all.length };
      });
    }
    expect(await countersigned()).to.have.length(61);
    expect(asked).to.have.length(7);
    expect(posted).to.have.length(1);
    expect(isCountersigned(HONEST, { site: 'north', signature: posted[0]! })).to.equal(true);
  });

  it('says once what is wrong with a receipt that comes again and again', async () => {
    const said: string[] = [];
    const log = pino({}, { write: (line: string) => said.push(line) });
    await offered(saying({ attempt: 1 }));
    const agent = { ...work(), log, refusedReceipts: new Set<string>() };
    for (let round = 0; round < 3; round++) await confirmReceipts(agent);
    expect(said).to.have.length(1);
    expect(said[0]).to.contain('RECEIPT_WRONG').and.contain('never made');
  });

  it('signs with a replaced key what names it, and forgets the key after that', async () => {
    const old = generateKeys();
    await keepFormerSigner(home, old.sign);
    await keepFormerSigner(home, old.sign);
    expect(await formerSigners(home)).to.have.length(1);
    const receipt = saying({ signKey: publicKeysOf(old).signKey });
    expect(await offered(receipt)).to.deep.equal([]);
    expect(isCountersigned(receipt, { site: 'north', signature: posted[0]! })).to.equal(true);
    expect(await access(join(home, 'keys.former.json')).catch(() => 'gone')).to.equal('gone');
  });

  it('keeps a replaced key while not everything was asked and answered', async () => {
    await keepFormerSigner(home, generateKeys().sign);
    server.routes.set('GET /v1/sites/receipts', () => ({ receipts: 'none' }));
    expect(await countersigned().catch((error: unknown) => error)).to.include({ code: 'MESSAGE_INVALID' });
    expect(await formerSigners(home)).to.have.length(1);
  });
});

describe('records of rounds', () => {
  const scratch = scratchFolder();

  it('lose nothing that is noted at the same time', async () => {
    const records = new RoundRecords(scratch());
    const signed = signReceipt(HONEST, keys.sign.secretKey);
    const rounds = Array.from({ length: 20 }, (_, at) => at + 1);
    await Promise.all(
      rounds.flatMap((round) => [
        records.contributed('small', { ...NORTH_GAVE, round }),
        records.countersigned({ ...signed, receipt: { ...HONEST, round } }),
      ]),
    );
    for (const round of rounds) {
      expect(await records.contribution('small', { round, attempt: 1 })).to.include({ round });
    }
    expect((await records.receipts('small')).map(({ round }) => round)).to.deep.equal(rounds);
  });
});

const NORTH_GAVE = {
  attempt: 1,
  base: digit('b'),
  update: digit('d'),
  bytes: 9,
  at: '2026-01-02T03:04:05.678Z',
};
