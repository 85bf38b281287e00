import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';

/** A store of blobs in a folder of its own, anew before each test and gone after it. */
export interface TemporaryBlobs {
  readonly root: string;
  readonly blobs: FolderBlobStore;
  /** Paths of what is being written, and of files kept to be written over. */
  readonly unfinished: () => Promise<string[]>;
}

/** Call it in the body of `describe`; what it returns is filled when a test begins. */
export function temporaryBlobs(): TemporaryBlobs {
  let root = '';
  let blobs: FolderBlobStore;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'fedoxnet-blobs-'));
    blobs = new FolderBlobStore(root);
    await blobs.prepare();
  });
  afterEach(() => rm(root, { recursive: true, force: true }));
  return {
    get root() {
      return root;
    },
    get blobs() {
      return blobs;
    },
    unfinished: async () => {
      const folder = join(root, '.incoming');
      return (await readdir(folder)).map((name) => join(folder, name));
    },
  };
}
