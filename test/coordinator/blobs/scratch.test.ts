import { randomBytes } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { inPiecesOf } from '@fedoxnet/coordinator/blobs/stored-chunks';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { temporaryBlobs } from './temporary-blobs.js';

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const piece of pieces) copies.push(Buffer.from(piece));
  return Buffer.concat(copies);
}

describe('scratch', () => {
  const store = temporaryBlobs();

  for (const length of [0, 1, SEALED_CHUNK_BYTES, 2 * SEALED_CHUNK_BYTES + 17]) {
    it(`gives ${length} bytes back, as often as it is read, in pieces cut anywhere`, async () => {
      const content = randomBytes(length);
      const scratch = store.blobs.scratch();
      for (const [begin, end] of [
        [0, 5],
        [5, SEALED_CHUNK_BYTES - 1],
        [SEALED_CHUNK_BYTES - 1, length],
      ] as const)
        await scratch.append(content.subarray(begin, end));
      expect((await joined(scratch.read())).equals(content)).to.equal(true);
      expect((await joined(scratch.read())).equals(content)).to.equal(true);
      expect((await joined(scratch.drain())).equals(content)).to.equal(true);
    });
  }

  it('lies on the disk as nobody can read it, and leaves nothing there', async () => {
    const content = Buffer.alloc(SEALED_CHUNK_BYTES + 1000, 'a word that stands out ');
    const scratch = store.blobs.scratch();
    await scratch.append(content);
    await joined(scratch.read());
    const found = await store.unfinished();
    expect(found).to.have.length(2);
    for (const path of found) expect((await readFile(path)).includes('stands out')).to.equal(false);
    await scratch.remove();
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('makes room for what is sealed from it while it is read', async () => {
    const content = randomBytes(3 * SEALED_CHUNK_BYTES);
    const scratch = store.blobs.scratch();
    await scratch.append(content);
    const inodes = async (paths: string[]) =>
      (await Promise.all(paths.map(async (path) => (await stat(path)).ino))).sort();
    const before = await inodes(await store.unfinished());
    let index = 0;
    for await (const chunk of inPiecesOf(SEALED_CHUNK_BYTES, scratch.drain()))
      await store.blobs.put(`releases/r/${index++}`, [chunk], chunk.length);
    const stored = await Promise.all([0, 1, 2].map((at) => store.blobs.get(`releases/r/${at}`)));
    expect(Buffer.concat(stored).equals(content)).to.equal(true);
    // When the first is stored, its scratch was not read to its end yet.
    const later = await inodes([1, 2].map((name) => join(store.root, 'releases', 'r', `${name}`)));
    expect(before).to.include.members(later);
    await scratch.remove();
  });
});
