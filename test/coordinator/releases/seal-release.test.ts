import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { sealRelease } from '@fedoxnet/coordinator/releases/seal-release';
import { onFailpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { Failpoint } from '@fedoxnet/shared/failpoints/failpoints';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { generateKeys } from '@fedoxnet/shared/sealing/keys';
import { temporaryBlobs } from '../blobs/temporary-blobs.js';

const PLACE = { study: 's', planHash: 'a'.repeat(64), release: 3 };
const noSpace = () => Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });

describe('sealing a release', () => {
  const store = temporaryBlobs();
  const bytes = 3 * CHUNK_BYTES;
  afterEach(() => onFailpoint(null));

  /** A release of three chunks over its own scratch, as a sum makes it. @returns the message that it fails with */
  async function seal(breakOff?: () => void): Promise<string | null> {
    const scratch = store.blobs.scratch();
    await scratch.append(randomBytes(bytes));
    const pieces = async function* () {
      let read = 0;
      for await (const piece of scratch.drain()) {
        yield piece;
        read += piece.length;
        if (read > SEALED_CHUNK_BYTES) breakOff?.();
      }
    };
    const plaintext = { digest: 'b'.repeat(64), bytes, pieces };
    return sealRelease(PLACE, plaintext, generateKeys(), store.blobs)
      .then(
        () => null,
        (error: Error) => error.message,
      )
      .finally(() => scratch.remove());
  }
  const left = () => store.blobs.list('releases/s');

  for (const [point, hit] of [
    ['coordinator.blob.writing', 1],
    ['coordinator.blob.stored', 2],
    ['coordinator.blob.synced', 1],
  ] as const satisfies [Failpoint, number][]) {
    it(`leaves nothing of itself when the disk is full at ${point}, time ${hit}`, async () => {
      let hits = 0;
      onFailpoint((name) => {
        if (name === point && (hits += 1) === hit) throw noSpace();
      });
      expect(await seal()).to.equal('no space left on device');
      expect(await left()).to.deep.equal([]);
      onFailpoint(null);
      expect(await seal(), 'the next try').to.equal(null);
      expect(await left()).to.have.length(1);
    });
  }

  it('leaves nothing of itself when its model cannot be read to the end, and a chunk is still being stored', async () => {
    const broken = (): never => {
      throw new Error('the model ends here');
    };
    expect(await seal(broken)).to.equal('the model ends here');
    expect(await left()).to.deep.equal([]);
  });
});
