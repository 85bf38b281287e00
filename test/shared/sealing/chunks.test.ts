import { expect } from 'chai';
import fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import {
  chunkCount,
  chunkLength,
  chunkNonce,
  chunkSeal,
  openChunk,
  sealChunk,
  TAG_BYTES,
} from '@fedoxnet/shared/sealing/chunks';
import { generateDataKey, generateNoncePrefix } from '@fedoxnet/shared/sealing/data-key';
import type { ReleaseHeader } from '@fedoxnet/shared/sealing/header';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { expectRefusal } from '../refusal.js';

function headerOf(bytes: number): ReleaseHeader {
  return {
    kind: 'release',
    version: 1,
    study: 'chest-four',
    planHash: digestOf('plan'),
    digest: digestOf('weights'),
    bytes,
    chunks: chunkCount(bytes),
    noncePrefix: generateNoncePrefix(),
    release: 1,
  };
}

describe('chunkNonce', () => {
  it('is prefix, index and last flag', () => {
    const prefix = Uint8Array.of(1, 2, 3, 4, 5, 6, 7);
    expect([...chunkNonce(prefix, 0x01020304, true)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 1]);
    expect([...chunkNonce(prefix, 0, false)]).to.deep.equal([1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0]);
  });
});

describe('chunkCount and chunkLength', () => {
  const cases: [number, number, number][] = [
    [1, 1, 1],
    [CHUNK_BYTES - 1, 1, CHUNK_BYTES - 1],
    [CHUNK_BYTES, 1, CHUNK_BYTES],
    [CHUNK_BYTES + 1, 2, 1],
  ];
  for (const [bytes, chunks, last] of cases) {
    it(`cut ${bytes} bytes into ${chunks}, the last of ${last}`, () => {
      expect(chunkCount(bytes)).to.equal(chunks);
      expect(chunkLength({ bytes, chunks }, chunks - 1)).to.equal(last);
    });
  }
});

describe('sealed chunks', () => {
  const plaintext = randomBytes(2 * CHUNK_BYTES + 100);
  const header = headerOf(plaintext.length);
  const dataKey = generateDataKey();
  const seal = chunkSeal(header, dataKey);
  const pieces = [0, 1, 2].map((index) =>
    plaintext.subarray(index * CHUNK_BYTES, index * CHUNK_BYTES + chunkLength(header, index)),
  );
  const sealed = pieces.map((piece, index) => sealChunk(seal, index, piece));
  const refuses = (index: number, chunk: Uint8Array, under = seal): void =>
    expectRefusal(() => openChunk(under, index, chunk), 'CHUNK_NOT_AUTHENTIC', `Chunk ${index}`);

  it('open to what was sealed, each 16 bytes longer', () => {
    expect(sealed.map(({ length }) => length)).to.deep.equal(pieces.map(({ length }) => length + TAG_BYTES));
    sealed.forEach((chunk, index) => {
      expect(Buffer.compare(openChunk(seal, index, chunk), pieces[index] ?? Buffer.alloc(0))).to.equal(0);
    });
  });

  it('are the same when sealed again, so that a chunk can be resent', () => {
    expect(Buffer.compare(sealChunk(seal, 2, pieces[2] as Buffer), sealed[2] as Uint8Array)).to.equal(0);
  });

  it('do not open with one bit flipped anywhere (property)', () => {
    const last = sealed[2] as Uint8Array;
    fc.assert(
      fc.property(fc.nat(last.length - 1), fc.nat(7), (byte, bit) => {
        const flipped = Uint8Array.from(last);
        flipped[byte] = (flipped[byte] ?? 0) ^ (1 << bit);
        refuses(2, flipped);
      }),
      { numRuns: 500 },
    );
  });

  it('do not open cut short or made longer (property)', () => {
    const last = sealed[2] as Uint8Array;
    fc.assert(
      fc.property(fc.nat(last.length + 40), (length) => {
        fc.pre(length !== last.length);
        refuses(2, Buffer.concat([last, Buffer.alloc(40)]).subarray(0, length));
      }),
      { numRuns: 100 },
    );
  });

  it('do not open in another place', () => {
    refuses(1, sealed[0] as Uint8Array);
    refuses(0, sealed[1] as Uint8Array);
  });

  it('do not open as the last of a shorter upload, nor in mid-upload of a longer one', () => {
    const shorter = { ...seal, header: { ...header, chunks: 2, bytes: 2 * CHUNK_BYTES } };
    refuses(1, sealed[1] as Uint8Array, shorter);
    const full = headerOf(CHUNK_BYTES);
    const fullSeal = chunkSeal(full, dataKey);
    const only = sealChunk(fullSeal, 0, pieces[0] as Buffer);
    refuses(0, only, { ...fullSeal, header: { ...full, chunks: 2, bytes: CHUNK_BYTES + 1 } });
  });

  it('do not open under another header, key or prefix', () => {
    const last = sealed[2] as Uint8Array;
    refuses(2, last, chunkSeal({ ...header, release: 2 }, dataKey));
    refuses(2, last, chunkSeal({ ...header, study: 'chest-five' }, dataKey));
    refuses(2, last, chunkSeal(header, generateDataKey()));
    refuses(2, last, { ...seal, noncePrefix: Uint8Array.of(0, 0, 0, 0, 0, 0, 0) });
  });

  it('have an index below their number', () => {
    for (const index of [-1, 3, 0.5]) {
      expectRefusal(() => openChunk(seal, index, sealed[0] as Uint8Array), 'MESSAGE_INVALID', 'no chunk');
    }
  });

  it('are not sealed at a length that the header does not name', () => {
    expectRefusal(() => sealChunk(seal, 2, plaintext.subarray(0, 99)), 'UPLOAD_MISMATCH', 'Chunk 2');
    expectRefusal(() => sealChunk(seal, 0, plaintext.subarray(0, 100)), 'UPLOAD_MISMATCH', 'Chunk 0');
  });

  it('refuse a header whose numbers disagree', () => {
    expectRefusal(() => chunkSeal({ ...header, chunks: 4 }, dataKey), 'MESSAGE_INVALID', 'names 4 chunks');
    expectRefusal(() => chunkSeal({ ...header, chunks: 2 }, dataKey), 'MESSAGE_INVALID', 'that is 3');
  });
});
