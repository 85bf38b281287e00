import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { uploadRequest, type ReleaseGrant } from '@fedoxnet/shared/protocol/http-messages';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { chunkSeal, openChunk, sealChunk } from '@fedoxnet/shared/sealing/chunks';
import {
  generateDataKey,
  generateNoncePrefix,
  openDataKey,
  sealDataKey,
} from '@fedoxnet/shared/sealing/data-key';
import type { ReleaseHeader, UpdateHeader } from '@fedoxnet/shared/sealing/header';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { signHeader, verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import { downloadRelease, dropOtherReleases } from '@fedoxnet/site-agent/agent/download';
import { HttpClient } from '@fedoxnet/site-agent/agent/http-client';
import type { Identity } from '@fedoxnet/site-agent/agent/identity';
import type { TransferOptions } from '@fedoxnet/site-agent/agent/transfer-options';
import { makeTicket } from '@fedoxnet/site-agent/agent/upload-ticket';
import { uploadUpdate } from '@fedoxnet/site-agent/agent/upload';
import { codeOf } from '../../support/rejection.js';
import { startProtocolServer, type ProtocolServer } from './support/protocol-server.js';
import { scratchFolder } from './support/scratch.js';

/** Two full chunks and a short one. */
const BYTES = 2 * CHUNK_BYTES + 1000;
const PLAN_HASH = 'a'.repeat(64);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('transfer', () => {
  const folder = scratchFolder();
  const content = randomBytes(BYTES);
  let server: ProtocolServer;
  let identity: Identity;
  let arrived: [number, number][];
  let options: TransferOptions;

  beforeEach(async () => {
    server = await startProtocolServer();
    const coordinator = publicKeysOf(server.keys);
    identity = { version: 1, site: 'north', address: server.address, coordinator, keys: generateKeys() };
    arrived = [];
    options = {
      http: new HttpClient(server.address, { sent: 0, received: 0 }),
      signal: new AbortController().signal,
      onChunk: (done, chunks) => arrived.push([done, chunks]),
      onRetry: () => undefined,
    };
  });
  afterEach(() => server.close());

  describe('of an update', () => {
    const masses = { films: 4, positives: 2, classRows: [1], globalRows: [1], prototypeRows: [1] };
    let file: string;
    let chunks: Map<number, Buffer>;
    let header: UpdateHeader | null;

    beforeEach(async () => {
      file = join(folder(), 'update.safetensors');
      await writeFile(file, content);
      chunks = new Map();
      header = null;
      server.routes.set('POST /v1/uploads', ({ body }) => {
        const request = uploadRequest.parse(JSON.parse(body.toString()));
        const { signKey } = publicKeysOf(identity.keys);
        if (!verifyHeader(request.header, request.signature, signKey)) {
          throw new FederationError('SIGNATURE_INVALID', 'Not signed by the site.');
        }
        header = request.header;
        return { id: 'u1', chunks: header.chunks, received: [...chunks.keys()], complete: false };
      });
      for (const index of [0, 1, 2]) {
        server.routes.set(`PUT /v1/uploads/u1/chunks/${index}`, ({ body }) => {
          chunks.set(index, body);
          return {};
        });
      }
      server.routes.set('POST /v1/uploads/u1/complete', () => ({
        id: 'u1',
        digest: header?.digest,
        accepted: true,
      }));
    });

    const ticketOf = () =>
      makeTicket(
        identity,
        {
          study: 'small',
          planHash: PLAN_HASH,
          round: 1,
          attempt: 1,
          release: 0,
          digest: 'b'.repeat(64),
          deadline: '2030-01-01T00:00:00Z',
          ticket: null,
          delivered: false,
        },
        masses,
        file,
      );
    const puts = () => server.requests.filter((request) => request.startsWith('PUT'));

    it('arrives sealed, and only the coordinator can open it', async () => {
      await uploadUpdate(await ticketOf(), file, options);
      expect(arrived).to.deep.equal([
        [1, 3],
        [2, 3],
        [3, 3],
      ]);
      const sealed = header as UpdateHeader | null;
      if (sealed === null) throw new Error('no header came');
      expect(sealed.digest).to.equal(sha256(content));
      const seal = chunkSeal(sealed, openDataKey(sealed, server.keys.box.secretKey));
      const opened = Buffer.concat(
        [0, 1, 2].map((index) => openChunk(seal, index, chunks.get(index) ?? Buffer.alloc(0))),
      );
      expect(opened.equals(content)).to.equal(true);
      expect(() => openDataKey(sealed, identity.keys.box.secretKey)).to.throw();
    });

    it('goes on after a line that broke within a chunk, without sending finished chunks again', async () => {
      let broken = false;
      server.routes.set('PUT /v1/uploads/u1/chunks/1', ({ body, request }) => {
        if (!broken) {
          broken = true;
          request.socket.destroy();
          return null;
        }
        chunks.set(1, body);
        return {};
      });
      await uploadUpdate(await ticketOf(), file, options);
      expect(
        puts()
          .map((request) => request.at(-1))
          .sort(),
      ).to.deep.equal(['0', '1', '1', '2']);
    });

    it('after a restart sends the same bytes for what is missing, and nothing else', async () => {
      const ticket = await ticketOf();
      await uploadUpdate(ticket, file, options);
      const last = chunks.get(2);
      chunks.delete(2);
      server.requests.length = 0;
      await uploadUpdate(structuredClone(ticket), file, options);
      expect(puts()).to.deep.equal(['PUT /v1/uploads/u1/chunks/2']);
      expect(last !== undefined && chunks.get(2)?.equals(last)).to.equal(true);
    });

    it('ends with the word that this very update was counted, also where one was before', async () => {
      const state = { id: 'u1', chunks: 3, received: [0, 1, 2], complete: true };
      server.routes.set('POST /v1/uploads', () => state);
      const ticket = await ticketOf();
      const receipt = (digest: string) => () => ({ id: 'u1', digest, accepted: true });
      server.routes.set('POST /v1/uploads/u1/complete', receipt(ticket.header.digest));
      await uploadUpdate(ticket, file, options);
      expect(puts()).to.deep.equal([]);
      server.routes.set('POST /v1/uploads/u1/complete', receipt('c'.repeat(64)));
      expect(await codeOf(uploadUpdate(ticket, file, options))).to.equal('UPLOAD_MISMATCH');
    });

    it('begins anew, or learns that it is not wanted, where what it had sent was dropped', async () => {
      const dropped = () => {
        throw new FederationError('NOT_FOUND', 'There is no upload u1.');
      };
      const put = server.routes.get('PUT /v1/uploads/u1/chunks/1');
      let puts = 0;
      server.routes.set('PUT /v1/uploads/u1/chunks/1', (seen) => (puts++ === 0 ? dropped() : put?.(seen)));
      await uploadUpdate(await ticketOf(), file, options);
      expect(server.requests.filter((request) => request === 'POST /v1/uploads')).to.have.length(2);

      server.routes.set('PUT /v1/uploads/u1/chunks/1', dropped);
      const open = server.routes.get('POST /v1/uploads');
      let opened = 0;
      server.routes.set('POST /v1/uploads', (seen) => {
        chunks.clear();
        if (opened++ === 0) return open?.(seen);
        throw new FederationError('ROUND_CLOSED', 'Round 1 has closed.');
      });
      expect(await codeOf(uploadUpdate(await ticketOf(), file, options))).to.equal('ROUND_CLOSED');
      server.routes.set('POST /v1/uploads', dropped);
      expect(await codeOf(uploadUpdate(await ticketOf(), file, options)), 'no such study').to.equal(
        'NOT_FOUND',
      );
    });

    it('stops at a refusal that no retry can change', async () => {
      server.routes.set('PUT /v1/uploads/u1/chunks/0', () => {
        throw new FederationError('ROUND_CLOSED', 'Round 1 has closed.');
      });
      expect(await codeOf(uploadUpdate(await ticketOf(), file, options))).to.equal('ROUND_CLOSED');
      // Nothing is tried again; what is on its way beside it may arrive.
      expect(new Set(puts()).size).to.equal(puts().length);
      expect(server.requests).not.to.include('POST /v1/uploads/u1/complete');
    });
  });

  describe('of a release', () => {
    let grant: ReleaseGrant;
    const wanted = { study: 'small', planHash: PLAN_HASH, release: 3, digest: sha256(content) };

    /** Publishes `content` as release 3 under a header changed by `change`. */
    function publish(change: Partial<ReleaseHeader> = {}, signer = server.keys): void {
      const dataKey = generateDataKey();
      const header: ReleaseHeader = {
        kind: 'release',
        version: 1,
        study: 'small',
        planHash: PLAN_HASH,
        digest: wanted.digest,
        bytes: BYTES,
        chunks: 3,
        noncePrefix: generateNoncePrefix(),
        release: 3,
        ...change,
      };
      const signature = signHeader(header, signer.sign.secretKey);
      grant = { header, signature, key: sealDataKey(dataKey, publicKeysOf(identity.keys).boxKey) };
      server.routes.set('GET /v1/studies/small/releases/3', () => grant);
      const seal = chunkSeal(header, dataKey);
      for (const index of [0, 1, 2]) {
        const plaintext = content.subarray(index * CHUNK_BYTES, Math.min(BYTES, (index + 1) * CHUNK_BYTES));
        const sealed = sealChunk(seal, index, plaintext);
        server.routes.set(`GET /v1/studies/small/releases/3/chunks/${index}`, () => sealed);
      }
    }
    const download = () => downloadRelease(wanted, folder(), identity, options);
    const gets = () => server.requests.filter((request) => request.includes('/chunks/')).map((r) => r.at(-1));

    it('lies under its final name, whole, and is not fetched a second time', async () => {
      publish();
      const path = await download();
      expect((await readFile(path)).equals(content)).to.equal(true);
      expect(await readdir(folder())).to.deep.equal([`release-3-${wanted.digest.slice(0, 16)}.safetensors`]);
      server.requests.length = 0;
      expect(await download()).to.equal(path);
      expect(server.requests).to.deep.equal([]);
    });

    const partial = (chunks: number) =>
      join(folder(), `release-3-${wanted.digest.slice(0, 16)}.safetensors.part-${chunks}`);

    it('is written over the release before it, also when it is cut off on the way', async () => {
      publish();
      const older = join(folder(), 'release-2-0123456789abcdef.safetensors');
      await writeFile(older, Buffer.alloc(content.length + 99, 7)); // longer, and other bytes throughout
      const { ino } = await stat(older);
      await dropOtherReleases(folder(), 'none');
      const last = 'GET /v1/studies/small/releases/3/chunks/2';
      const route = server.routes.get(last);
      const stop = new AbortController();
      server.routes.set(last, () => stop.abort(new Error('stopped')));
      await downloadRelease(wanted, folder(), identity, { ...options, signal: stop.signal }).catch(
        () => null,
      );
      const [part = ''] = await readdir(folder());
      const arrivedBefore = Number(part.at(-1)); // two chunks travel at a time
      expect((await stat(partial(arrivedBefore))).ino).to.equal(ino);
      server.requests.length = 0;
      server.routes.set(last, route!);
      const path = await download();
      expect(gets()).to.deep.equal(['0', '1', '2'].slice(arrivedBefore));
      expect((await stat(path)).ino).to.equal(ino);
      expect((await readFile(path)).equals(content)).to.equal(true);
    });

    it('goes on from the chunks an earlier run left', async () => {
      publish();
      await writeFile(partial(1), content.subarray(0, CHUNK_BYTES + 17));
      const path = await download();
      expect(gets()).to.deep.equal(['1', '2']);
      expect((await readFile(path)).equals(content)).to.equal(true);
    });

    it('begins again when what an earlier run left is damaged', async () => {
      publish();
      await writeFile(partial(1), Buffer.alloc(CHUNK_BYTES));
      const path = await download();
      expect(gets()).to.deep.equal(['1', '2', '0', '1', '2']);
      expect((await readFile(path)).equals(content)).to.equal(true);
    });

    it('asks again for a chunk that was altered on the way', async () => {
      publish();
      const name = 'GET /v1/studies/small/releases/3/chunks/1';
      const route = server.routes.get(name);
      server.routes.set(name, (seen) => {
        if (gets().filter((index) => index === '1').length > 1) return route?.(seen);
        const altered = Buffer.from((route?.(seen) as Uint8Array).slice());
        altered[5] = (altered[5] ?? 0) ^ 1;
        return altered;
      });
      await download();
      expect(gets().sort()).to.deep.equal(['0', '1', '1', '2']);
    });

    it('refuses a header that the coordinator did not sign', async () => {
      publish({}, generateKeys());
      expect(await codeOf(download())).to.equal('SIGNATURE_INVALID');
      expect(gets()).to.deep.equal([]);
    });

    for (const [what, change] of [
      ['another release', { release: 2 }],
      ['another plan', { planHash: 'c'.repeat(64) }],
      ['other content', { digest: 'd'.repeat(64) }],
    ] as const) {
      it(`refuses ${what} under the name of the wanted one`, async () => {
        publish(change);
        expect(await codeOf(download())).to.equal('WEIGHTS_INVALID');
        expect(await readdir(folder())).to.deep.equal([]);
      });
    }
  });
});
