import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BlockingBlobReader } from '@fedoxnet/coordinator/blobs/blocking-blob-reader';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import { codeOf } from './code-of.js';

describe('the blocking reader of blobs', () => {
  let blobs: FolderBlobStore;
  let reader: BlockingBlobReader;
  beforeEach(async () => {
    blobs = new FolderBlobStore(await mkdtemp(join(tmpdir(), 'fedoxnet-blobs-')));
    await blobs.prepare();
    await blobs.put('uploads/a/0', [Uint8Array.of(1, 2, 3)], 3);
    reader = new BlockingBlobReader(blobs.root);
  });
  afterEach(() => rm(blobs.root, { recursive: true, force: true }));

  it('reads what the store holds, into a buffer that is long enough', async () => {
    expect([...(await reader.get('uploads/a/0'))]).to.deep.equal([1, 2, 3]);
    const [long, short] = [new Uint8Array(4), new Uint8Array(2)];
    expect((await reader.get('uploads/a/0', long)).buffer).to.equal(long.buffer);
    expect([...long]).to.deep.equal([1, 2, 3, 0]);
    expect([...(await reader.get('uploads/a/0', short))]).to.deep.equal([1, 2, 3]);
    expect([...short]).to.deep.equal([0, 0]);
  });

  it('refuses what is not there, and a key that leads elsewhere', async () => {
    expect(await codeOf(reader.get('uploads/a/1'))).to.equal('NOT_FOUND');
    expect(await codeOf(reader.get('../a'))).to.include('no key of a blob');
  });
});
