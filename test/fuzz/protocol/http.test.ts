import { connect } from 'node:net';
import { expect } from 'chai';
import { uploadState } from '@fedoxnet/shared/protocol/http-messages';
import { Dice } from '../dice.js';
import { FUZZ_SEED, fuzzCount, sayProgress } from '../fuzz-size.js';
import { liveHeapBytes } from '../live-heap.js';
import { BesiegedStudy, CHANGE_PER_ROUND } from './besieged-study.js';
import { MESSAGES } from './messages.js';
import { mutateJson } from './mutate-json.js';
import { isInOrder, RawClient, someAddress, type RawAnswer } from './raw-client.js';

const COUNT = fuzzCount('FEDOXNET_FUZZ_REQUESTS', 1500);
const SIDE_BY_SIDE = 8;
/** What was measured: README.md. */
const MAX_GROWTH_BYTES = 4e6;

/** `u1` and `u2` stand for the uploads that are open. */
const PATHS = [
  ...[
    'hello',
    'sites/enrol',
    'sites/challenge',
    'sites/session',
    'sites/rotate',
    'sites/studies',
    'sites/receipts',
  ],
  ...[
    'studies',
    'studies/fuzzed/plan',
    'studies/fuzzed/approvals',
    'studies/fuzzed/status',
    'studies/fuzzed/census',
  ],
  ...[
    'studies/fuzzed/releases/0',
    'studies/fuzzed/releases/0/chunks/0',
    'studies/fuzzed/rounds/1/evaluation',
  ],
  ...[
    'studies/fuzzed/rounds/1/countersignature',
    'uploads',
    'uploads/u1',
    'uploads/u1/chunks/0',
    'uploads/u2/chunks/1',
    'uploads/u1/complete',
    'uploads/u2/complete',
  ],
  ...[
    'me',
    'sign-in',
    'sign-out',
    'welcome',
    'admin/sites',
    'admin/people',
    'admin/people/ada/remove',
    'admin/studies',
  ],
  ...[
    'admin/invitations',
    'admin/studies/fuzzed/start',
    'admin/studies/fuzzed/model',
    'admin/audit',
    'admin/audit/file',
  ],
];
const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'];

describe('hostile HTTP requests', function () {
  this.timeout(0);
  let study: BesiegedStudy;
  let client: RawClient;
  let tokens: readonly string[];
  let uploads: Readonly<Record<string, string>>;

  before(async () => {
    study = await BesiegedStudy.start(1);
    client = new RawClient(study.url, SIDE_BY_SIDE);
    const [a, b] = study.sites as [(typeof study.sites)[0], (typeof study.sites)[0]];
    tokens = [a.session, b.session, study.coordinator.tokens.viewer, 'x'.repeat(43), '', `${a.session}x`];
    // One of them has half of its update here, the other nothing yet.
    const [u1, u2] = [await open(a), await open(b)];
    expect((await a.call('PUT', `uploads/${u1}/chunks/1`, a.update.chunks[1])).status).to.equal(200);
    uploads = { u1, u2 };
  });
  after(async () => {
    client.close();
    await study.remove();
  });

  async function open(site: (typeof study.sites)[0]): Promise<string> {
    return uploadState.parse((await site.openUpload(site.update)).json).id;
  }

  /** One request as a stranger, a site or a viewer would make it, in one or more places not as it should be. */
  function ask(dice: Dice): Promise<RawAnswer> {
    const { example } = dice.pick(MESSAGES);
    const damaged = dice.below(5) === 0 ? example : mutateJson(example, dice);
    const chosen = dice.pick(PATHS).replace(/u[12]/, (name) => uploads[name] ?? name);
    const path = dice.below(4) === 0 ? damagedPath(chosen, dice) : chosen;
    const method = dice.below(3) === 0 ? dice.pick(METHODS) : chosen.includes('chunks') ? 'PUT' : 'POST';
    const text = JSON.stringify(damaged) ?? 'null';
    const body = dice.pick([
      text,
      text,
      text,
      text.slice(0, dice.below(text.length + 1)),
      '',
      '\u0000'.repeat(100),
    ]);
    const headers: Record<string, string> = {
      'content-type': dice.pick([
        'application/json',
        'application/json; charset=utf-16',
        'application/octet-stream',
        'text/plain',
        '',
      ]),
      'x-forwarded-for': someAddress(dice),
      authorization: dice.pick(['Bearer ', 'Bearer ', 'bearer ', 'Basic ', '']) + dice.pick(tokens),
    };
    if (dice.below(10) === 0) {
      const session = `fedoxnet_session=${dice.pick(tokens)}`;
      headers['cookie'] = dice.pick(['fedoxnet_session=x', session, '=;=;', '__proto__=1']);
    }
    if (dice.below(20) === 0) headers['content-encoding'] = dice.pick(['gzip', 'br', 'x']);
    return client.send({ method, path: `/v1/${path}`, headers, body });
  }

  it(`${COUNT} of them, seed ${FUZZ_SEED}: each gets a coded refusal or its due answer, and nothing is changed`, async () => {
    const before = await study.state();
    const dice = new Dice(FUZZ_SEED);
    const faults: string[] = [];
    const work = async (until: number): Promise<void> => {
      while (done < until) {
        const number = done++;
        const answer = await ask(dice);
        if (!isInOrder(answer)) {
          faults.push(`request ${number}: ${answer.status} ${answer.body.slice(0, 300)}`);
        }
        sayProgress('requests', number, COUNT);
      }
    };
    let done = 0;
    const held: number[] = [];
    for (const until of [COUNT / 2, COUNT]) {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, () => work(until)));
      held.push(await liveHeapBytes());
    }
    expect(faults).to.deep.equal([]);
    expect(await study.state()).to.deep.equal(before);
    const growth = (held[1] ?? 0) - (held[0] ?? 0);
    if (COUNT > 10_000) process.stderr.write(`${growth} bytes more are held after the second half\n`);
    expect(growth, 'bytes that the second half of the requests left behind').to.be.below(MAX_GROWTH_BYTES);
  });

  for (const [what, text] of [
    ['a request line of 100 kB', `GET /${'a'.repeat(100_000)} HTTP/1.1\r\nhost: x\r\n\r\n`],
    ['a header of 100 kB', `GET /healthz HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`],
    [
      'two lengths',
      'POST /v1/sites/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 5\r\n\r\n{}',
    ],
    [
      'a length and chunks',
      'POST /v1/sites/enrol HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    [
      'a chunk of a negative size',
      'POST /v1/sites/enrol HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n-1\r\n',
    ],
    ['bytes that are no HTTP', '\u0016\u0003\u0001\u0000\u00a5\u0001\u0000\u0000'],
  ] as const) {
    it(`answers ${what} by ending the connection, and goes on`, async () => {
      const socket = connect(Number(new URL(study.url).port), '127.0.0.1');
      const ended = new Promise<void>((resolve) =>
        socket.on('close', () => resolve()).on('error', () => undefined),
      );
      socket.resume();
      socket.write(text, 'latin1');
      await ended;
      expect((await client.send({ method: 'GET', path: '/healthz' })).body).to.equal('{"ok":true}');
    });
  }

  it('leaves the study able to go on, and lets nobody in', async () => {
    for (const site of study.sites) expect((await site.send(site.update)).status).to.equal(200);
    const { history } = await study.until(({ state }) => state === 'finished');
    expect(history.map(({ sites }) => sites.map(({ state }) => state))).to.deep.equal([
      ['counted', 'counted'],
    ]);
    expect(await study.numbersIn(1)).to.deep.equal([CHANGE_PER_ROUND]);
    const due = study.dueSecrets();
    expect(await study.secretsAtEnd()).to.deep.equal(due);
  });
});

function damagedPath(path: string, dice: Dice): string {
  const parts = path.split('/');
  const hostile = [
    '..',
    '%2e%2e',
    '%00',
    '%',
    '%ff',
    'fuzzed%0a',
    '-1',
    '1e9',
    '999999999999',
    '',
    ' ',
    '__proto__',
    "'--",
    'a'.repeat(300),
  ];
  parts[dice.below(parts.length)] = dice.pick(hostile);
  return parts.map((part) => part.replace(/[ \n\u0000]/g, '%20')).join('/');
}
