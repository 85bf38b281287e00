import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { inPiecesOf } from '@fedoxnet/coordinator/blobs/stored-chunks';
import { codeOf } from './code-of.js';
import { temporaryBlobs } from './temporary-blobs.js';

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('the folder of blobs', () => {
  const store = temporaryBlobs();

  it('gives back what was stored, and stores it again without harm', async () => {
    for (let time = 0; time < 2; time += 1) await store.blobs.put('uploads/a/0', [bytes(1, 2), bytes(3)], 3);
    expect([...(await store.blobs.get('uploads/a/0'))]).to.deep.equal([1, 2, 3]);
    expect(await store.blobs.list('uploads/a')).to.deep.equal(['0']);
    await store.blobs.removeFolder('uploads/a');
    expect(await store.blobs.has('uploads/a/0')).to.equal(false);
    expect(await codeOf(store.blobs.get('uploads/a/0'))).to.equal('NOT_FOUND');
  });

  it('takes no other bytes under a key that is taken, wherever they differ', async () => {
    const stored = randomBytes(1_000_003); // in pieces, of which the last is short
    await store.blobs.put('uploads/a/0', [stored], stored.length);
    await store.blobs.put('uploads/a/0', [stored], stored.length);
    for (const at of [0, 131_071, 131_072, 500_000, stored.length - 1]) {
      const other = Buffer.from(stored);
      other[at] = (other[at] ?? 0) ^ 1;
      expect(await codeOf(store.blobs.put('uploads/a/0', [other], other.length))).to.equal('UPLOAD_MISMATCH');
    }
    for (const length of [stored.length - 1, stored.length + 1]) {
      const other = Buffer.alloc(length);
      stored.copy(other);
      expect(await codeOf(store.blobs.put('uploads/a/0', [other], length))).to.equal('UPLOAD_MISMATCH');
    }
    expect(Buffer.compare(await store.blobs.get('uploads/a/0'), stored)).to.equal(0);
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('holds pieces alone while it compares what many send again at once', async () => {
    const [MIB, TIMES] = [1024 ** 2, 32];
    const chunk = randomBytes(4 * MIB);
    await store.blobs.put('uploads/a/0', [chunk], chunk.length);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    const look = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 1);
    try {
      const again = Array.from({ length: TIMES }, () =>
        store.blobs.put('uploads/a/0', [chunk], chunk.length),
      );
      await Promise.all(again);
    } finally {
      clearInterval(look);
    }
    // All of them whole would be 256 MiB; the budget for pieces is 8.
    expect((most - before) / MIB).to.be.below(32);
  });

  for (const length of [2, 4]) {
    it(`leaves nothing of a body of ${length} bytes where 3 were named`, async () => {
      const put = store.blobs.put('uploads/a/0', [new Uint8Array(length)], 3);
      expect(await codeOf(put)).to.equal('UPLOAD_MISMATCH');
      expect(await store.blobs.list('uploads/a')).to.deep.equal([]);
      expect(await store.unfinished()).to.deep.equal([]);
    });
  }

  it('leaves nothing of a body that breaks off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield bytes(1);
      throw new Error('line lost');
    }
    expect(await codeOf(store.blobs.put('uploads/a/0', broken(), 3))).to.equal('Error: line lost');
    expect(await store.blobs.list('uploads/a')).to.deep.equal([]);
  });

  it('forgets what a crash left half-written', async () => {
    await writeFile(join(store.root, '.incoming', 'half'), 'x');
    await store.blobs.prepare();
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('writes over the files of a folder that nobody reads, and leaves none of their bytes', async () => {
    const MIB = 1024 ** 2;
    const inodeOf = async (key: string) => (await stat(join(store.root, key))).ino;
    await store.blobs.put('uploads/a/0', [randomBytes(3 * MIB)], 3 * MIB);
    await store.blobs.put('uploads/a/1', [bytes(1)], 1);
    const inode = await inodeOf('uploads/a/0');
    await store.blobs.recycleFolder('uploads/a');
    expect(await store.blobs.list('uploads')).to.deep.equal([]);

    const [short, small] = [randomBytes(2 * MIB), bytes(7)];
    await store.blobs.put('uploads/b/1', [small], 1); // not worth it
    await store.blobs.put('uploads/b/0', [short.subarray(0, MIB), short.subarray(MIB)], short.length);
    expect(await inodeOf('uploads/b/0')).to.equal(inode);
    expect(Buffer.compare(await store.blobs.get('uploads/b/0'), short)).to.equal(0);
    expect([...(await store.blobs.get('uploads/b/1'))]).to.deep.equal([7]);
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('gives spare files back where one of them cannot be written to its end', async () => {
    const MIB = 1024 ** 2;
    for (const index of [0, 1]) await store.blobs.put(`uploads/a/${index}`, [new Uint8Array(MIB)], MIB);
    await store.blobs.recycleFolder('uploads/a');
    async function* full(): AsyncGenerator<Uint8Array> {
      yield bytes(1);
      throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    }
    expect(await codeOf(store.blobs.put('uploads/b/0', full(), MIB))).to.equal('Error: no space left');
    expect(await store.unfinished()).to.deep.equal([]);
    expect(await store.blobs.list('uploads/b')).to.deep.equal([]);
  });

  it('stores nothing of a blob that the disk took a part of', async () => {
    // The system then writes what fits, and says so by a count alone. A limit on the length of a file does the same.
    const MIB = 1024 ** 2;
    const program = `
      import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
      const blobs = new FolderBlobStore(process.argv[1]);
      await blobs.put('uploads/a/0', [new Uint8Array(${MIB})], ${MIB}).catch(({ code }) => console.log(code));`;
    const limited = ['-c', 'ulimit -f 1000 && exec "$0" "$@"'];
    const node = [process.execPath, '--input-type=module', '-e', program, store.root];
    const { stdout } = await promisify(execFile)('bash', [...limited, ...node]);
    expect(stdout.trim()).to.equal('EFBIG');
    expect(await store.blobs.list('uploads/a')).to.deep.equal([]);
    expect(await store.unfinished()).to.deep.equal([]);
  });

  it('takes no key that leaves its folder', async () => {
    for (const key of ['../a', '/a', 'a//b', 'a/../b', '']) {
      expect(await codeOf(store.blobs.get(key))).to.match(/TypeError/);
    }
  });
});

describe('bytes in pieces of one size', () => {
  it('cuts and joins, and keeps the rest for the end', async () => {
    const pieces: number[][] = [];
    for await (const piece of inPiecesOf(3, [bytes(1), bytes(2, 3, 4, 5, 6, 7), bytes(8)]))
      pieces.push([...piece]);
    expect(pieces).to.deep.equal([
      [1, 2, 3],
      [4, 5, 6],
      [7, 8],
    ]);
  });
});
