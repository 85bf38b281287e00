import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { expect } from 'chai';
import { DimsePacs } from '@fedoxnet/site-agent/data/pacs/dimse/dimse-pacs';
import { COMMAND, encodeCommand } from '@fedoxnet/site-agent/data/pacs/dimse/command-set';
import {
  decodeAssociateRequest,
  encodeAssociateAccept,
  encodeAssociateReject,
} from '@fedoxnet/site-agent/data/pacs/dimse/negotiation';
import { encodeFragments, encodePdu, PDU } from '@fedoxnet/site-agent/data/pacs/dimse/pdu';
import { rejection } from '../../../../support/rejection.js';

const HEAD = 6;
const VERIFICATION = '1.2.840.10008.1.1';

/** Accepts all contexts in their first syntax. */
function accept(request: Buffer): Buffer {
  const asked = decodeAssociateRequest(request.subarray(HEAD));
  const contexts = asked.contexts.map(({ id, transferSyntaxes }) => ({
    ...{ id, result: 0, transferSyntax: transferSyntaxes[0] ?? '' },
  }));
  return encodeAssociateAccept(asked, { contexts, maxBody: 16_384 });
}

describe('conversation with a PACS that is none, or a bad one', () => {
  let server: Server;
  const sockets = new Set<Socket>();
  /** What it answers to the first, second … piece that comes; null hangs up. */
  let answers: ((piece: Buffer) => Buffer | null)[] = [];
  before(async () => {
    server = createServer((socket) => {
      sockets.add(socket);
      let count = 0;
      socket.on('error', () => undefined);
      socket.on('data', (piece: Buffer) => {
        const answer = answers[count++]?.(piece);
        if (answer === null) socket.destroy();
        else if (answer !== undefined) socket.write(answer);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });

  async function echo(...what: typeof answers) {
    answers = what;
    const pacs = new DimsePacs({
      ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port },
      ...{ calledAe: 'PACS', callingAe: 'SITE', retrieve: 'get', storePort: 0, storeHost: '127.0.0.1' },
      ...{ tls: null, timeoutMs: 300, connections: 1 },
    });
    try {
      return await rejection(pacs.echo(new AbortController().signal));
    } finally {
      await pacs.close();
    }
  }
  const reply = (status: number, respondsTo = 1) =>
    Buffer.concat([
      ...encodeFragments(
        1,
        true,
        encodeCommand({ field: COMMAND.echoResponse, sopClass: VERIFICATION, status, respondsTo }, false),
        16_384,
      ),
    ]);

  const cases: readonly [what: string, answers: typeof answers, code: string, says: string][] = [
    ['says nothing', [], 'PACS_UNREACHABLE', 'no sign of life for 0.3 s'],
    ['hangs up', [() => null], 'PACS_UNREACHABLE', ''],
    ['speaks HTTP', [() => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')], 'PACS_ANSWER_INVALID', 'bytes'],
    [
      'announces four gigabytes',
      [() => Buffer.from('0200ffffffff', 'hex')],
      'PACS_ANSWER_INVALID',
      '4294967295 bytes',
    ],
    ['answers with data at once', [() => encodePdu(PDU.data)], 'PACS_ANSWER_INVALID', 'type 4'],
    [
      'is full for now',
      [() => encodeAssociateReject({ result: 2, source: 3, reason: 2 })],
      'PACS_UNREACHABLE',
      'no association now',
    ],
    [
      'rejects without a known reason',
      [() => encodeAssociateReject({ result: 1, source: 2, reason: 2 })],
      'PACS_REFUSED',
      'source 2',
    ],
    [
      'accepts nothing',
      [
        (request) =>
          encodeAssociateAccept(decodeAssociateRequest(request.subarray(HEAD)), { contexts: [], maxBody: 0 }),
      ],
      'PACS_REFUSED',
      'does not offer C-ECHO',
    ],
    ['accepts and says nothing more', [accept], 'PACS_UNREACHABLE', 'no sign of life'],
    [
      'accepts and releases',
      [accept, () => encodePdu(PDU.releaseRequest, Buffer.alloc(4))],
      'PACS_UNREACHABLE',
      'released',
    ],
    [
      'accepts and aborts',
      [accept, () => encodePdu(PDU.abort, Buffer.alloc(4))],
      'PACS_REFUSED',
      'first request',
    ],
    ['answers another message', [accept, () => reply(0, 99)], 'PACS_ANSWER_INVALID', 'answers another'],
    ['refuses the echo', [accept, () => reply(0x0122)], 'PACS_REFUSED', 'status 0122'],
    [
      'sends a data set without its command',
      [accept, () => Buffer.concat([...encodeFragments(1, false, Buffer.from('x'), 64)])],
      'PACS_ANSWER_INVALID',
      'mixed up',
    ],
    [
      'sends a command without end',
      [
        accept,
        () =>
          Buffer.concat(
            Array.from({ length: 70 }, () =>
              encodePdu(PDU.data, Buffer.from('000003ea0101', 'hex'), Buffer.alloc(1000)),
            ),
          ),
      ],
      'PACS_ANSWER_INVALID',
      'a message has more than',
    ],
    [
      'breaks off within a unit',
      [accept, () => Buffer.from('0400000000ff', 'hex'), () => null],
      'PACS_UNREACHABLE',
      'no sign of life',
    ],
  ];
  for (const [what, how, code, says] of cases)
    it(`that ${what}`, async () => {
      const error = await echo(...how);
      expect(error.message).to.include(says).and.include('PACS@127.0.0.1');
      expect(error.code).to.equal(code);
    });
});
