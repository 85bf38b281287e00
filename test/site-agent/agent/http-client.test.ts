import { expect } from 'chai';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import { codeOf, rejection } from '../../support/rejection.js';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';

describe('http client', () => {
  let server: ProtocolServer;
  const traffic = { sent: 0, received: 0 };
  let http: HttpClient;
  beforeEach(async () => {
    server = await startProtocolServer();
    Object.assign(traffic, { sent: 0, received: 0 });
    http = new HttpClient(server.address, traffic);
  });
  afterEach(() => server.close());

  it('counts the bodies that cross the wire in both directions', async () => {
    server.routes.set('PUT /chunk', () => Buffer.alloc(70));
    await http.send({ method: 'PUT', path: 'chunk', bytes: Buffer.alloc(1000) });
    expect(traffic).to.deep.equal({ sent: 1000, received: 70 });
  });

  it('stops reading a reply at its limit', async () => {
    server.routes.set('GET /chunk', () => Buffer.alloc(101));
    const request = { method: 'GET', path: 'chunk' } as const;
    expect(await codeOf(http.bytes(request, 100))).to.equal('TOO_LARGE');
    expect((await http.bytes(request, 101)).byteLength).to.equal(101);
  });

  it('names the field of a reply that does not fit', async () => {
    server.routes.set('GET /thing', () => ({ size: 'large' }));
    const error = await rejection(
      http.json({ method: 'GET', path: 'thing' }, z.object({ size: z.number() }), 'thing'),
    );
    expect(error.code).to.equal('MESSAGE_INVALID');
    expect(error.message).to.include('thing').and.include('size');
  });

  it('takes an error page of something in between for an unreachable coordinator', async () => {
    server.routes.set('GET /thing', ({ request }) => {
      request.socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops');
      return null;
    });
    const error = await rejection(http.send({ method: 'GET', path: 'thing' }));
    expect(error.code).to.equal('COORDINATOR_UNREACHABLE');
    expect(error.message).to.include('502');
  });

  it('takes a defect of the coordinator for something that may pass', async () => {
    server.routes.set('GET /thing', () => {
      throw new FederationError('INTERNAL', 'The coordinator met an unexpected error.');
    });
    const error = await rejection(http.send({ method: 'GET', path: 'thing' }));
    expect([error.code, error.entry.retry]).to.deep.equal(['COORDINATOR_FAILED', true]);
  });
});
