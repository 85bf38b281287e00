import { randomInt } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { createCoordinator, type Coordinator } from '@fedoxnet/coordinator/coordinator';
import { isErrorCode } from '@fedoxnet/shared/errors';
import { FakeSite } from '../../coordinator/fake-site.js';
import { call } from '../../coordinator/http-call.js';
import { initialModel, planFor } from '../../coordinator/study-of-three-tensors.js';
import { Dice } from '../dice.js';
import { MESSAGES } from './messages.js';
import { mutateJson } from './mutate-json.js';

/** FEDOXNET_FUZZ_REQUESTS=100000 for the whole run, FEDOXNET_FUZZ_SEED to repeat one. */
const COUNT = Number(process.env['FEDOXNET_FUZZ_REQUESTS'] ?? 1500);
const SEED = Number(process.env['FEDOXNET_FUZZ_SEED'] ?? randomInt(2 ** 31));
const SIDE_BY_SIDE = 8;

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
    'uploads/u1/complete',
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

interface Answer {
  readonly status: number;
  readonly body: string;
}

describe('hostile HTTP requests', function () {
  this.timeout(0);
  let folder: string;
  let coordinator: Coordinator;
  let url: string;
  let site: FakeSite;
  let token: string;
  const agent = new Agent({ keepAlive: true, maxSockets: SIDE_BY_SIDE });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-fuzz-'));
    // Behind a proxy each request may have an address of its own, so that the limit per address does not hide the rest.
    coordinator = await createCoordinator({ dataDir: folder, behindProxy: true });
    await new Promise<void>((resolve) => coordinator.server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(coordinator.server.address() as AddressInfo).port}`;
    const operator = { token: coordinator.tokens.operator };
    const invited = await call(url, 'POST', 'admin/invitations', {
      ...operator,
      body: { site: 'hospital-a' },
    });
    site = new FakeSite(url, 'hospital-a');
    await site.enrol((invited.json as { invitation: string }).invitation);
    token = await site.signIn();
    await call(url, 'POST', 'admin/studies', {
      ...operator,
      body: { plan: planFor('fuzzed', ['hospital-a']) },
    });
    await call(url, 'PUT', 'admin/studies/fuzzed/model', { ...operator, body: initialModel() });
  });
  after(async () => {
    agent.destroy();
    await coordinator.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Everything that only a genuine message may change. */
  async function state(): Promise<unknown> {
    const { sites, people, studies } = coordinator.database.stores;
    return {
      sites: (await sites.all()).map(({ name, signKey, boxKey, revokedAt }) => [
        name,
        signKey,
        boxKey,
        revokedAt,
      ]),
      people: await people.all(),
      studies: (await studies.all()).map(({ name, planHash, state }) => [name, planHash, state]),
      approvals: await studies.approvals('fuzzed'),
    };
  }

  /** One request as a stranger, a site or a viewer would make it, in one or more places not as it should be. */
  function ask(dice: Dice): Promise<Answer> {
    const { example } = dice.pick(MESSAGES);
    const damaged = dice.below(5) === 0 ? example : mutateJson(example, dice);
    const path = dice.below(4) === 0 ? damagedPath(dice.pick(PATHS), dice) : dice.pick(PATHS);
    const method = dice.below(3) === 0 ? dice.pick(METHODS) : 'POST';
    const text = JSON.stringify(damaged) ?? 'null';
    const body = dice.pick([
      text,
      text,
      text,
      text.slice(0, dice.below(text.length + 1)),
      '',
      '\u0000'.repeat(100),
    ]);
    const credentials = [token, coordinator.tokens.viewer, 'x'.repeat(43), '', `${token}x`];
    const headers: Record<string, string> = {
      'content-type': dice.pick([
        'application/json',
        'application/json; charset=utf-16',
        'application/octet-stream',
        'text/plain',
        '',
      ]),
      'x-forwarded-for': `10.${dice.below(256)}.${dice.below(256)}.${dice.below(256)}`,
      authorization: dice.pick(['Bearer ', 'bearer ', 'Basic ', '']) + dice.pick(credentials),
    };
    if (dice.below(10) === 0)
      headers.cookie = dice.pick(['fedoxnet_session=x', `fedoxnet_session=${token}`, '=;=;', '__proto__=1']);
    if (dice.below(20) === 0) headers['content-encoding'] = dice.pick(['gzip', 'br', 'x']);
    return send(method, `/v1/${path}`, headers, body);
  }

  /** A connection that the server ended while it lay idle is opened again, as Node's documentation says clients must. */
  async function send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<Answer> {
    for (;;) {
      const answer = await sendOnce(method, path, headers, body);
      if (answer !== 'stale connection') return answer;
    }
  }

  function sendOnce(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string,
  ): Promise<Answer | 'stale connection'> {
    return new Promise((resolve, reject) => {
      const { port } = new URL(url);
      const sent = httpRequest({ host: '127.0.0.1', port, agent, method, path, headers }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
      });
      sent.on('error', (cause) => {
        if (sent.reusedSocket) resolve('stale connection');
        else reject(new Error(`${method} ${path.slice(0, 200)} ${body.slice(0, 500)}`, { cause }));
      });
      // Node's client sends a body without its length with any other method, which ends the connection for the next request.
      sent.end(['POST', 'PUT', 'PATCH'].includes(method) ? body : '');
    });
  }

  it(`${COUNT} of them, seed ${SEED}: each gets a coded refusal or its due answer, and nothing is changed`, async () => {
    const before = await state();
    const dice = new Dice(SEED);
    const faults: string[] = [];
    let done = 0;
    let halfway = 0;
    const work = async (): Promise<void> => {
      while (done < COUNT) {
        const number = done++;
        if (number === Math.floor(COUNT / 2)) halfway = process.memoryUsage().heapUsed;
        const { status, body } = await ask(dice);
        const isAnswered = status < 400 || (status < 500 && (body === '' || isErrorCode(codeIn(body))));
        if (!isAnswered) faults.push(`request ${number}: ${status} ${body.slice(0, 300)}`);
        if (COUNT > 10_000 && number % 10_000 === 0) process.stderr.write(`${number} of ${COUNT} requests\n`);
      }
    };
    await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));
    expect(faults).to.deep.equal([]);
    expect(await state()).to.deep.equal(before);
    // Rubbish left behind by requests would add up; garbage not yet collected does not reach this.
    expect(process.memoryUsage().heapUsed - halfway).to.be.below(300e6);
    expect((await send('GET', '/healthz', {}, '')).body).to.equal('{"ok":true}');
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
      const socket = connect(Number(new URL(url).port), '127.0.0.1');
      const ended = new Promise<void>((resolve) =>
        socket.on('close', () => resolve()).on('error', () => undefined),
      );
      socket.resume();
      socket.write(text, 'latin1');
      await ended;
      expect((await send('GET', '/healthz', {}, '')).body).to.equal('{"ok":true}');
    });
  }
});

function codeIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { error?: { code?: unknown } }).error?.code;
  } catch {
    return null;
  }
}

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
