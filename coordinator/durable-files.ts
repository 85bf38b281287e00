import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

/** Makes a folder that its owner alone may enter, and those above it, so that they outlive a power failure. */
export async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let at = resolve(folder); at.length >= resolve(made).length; at = dirname(at))
    await syncPath(dirname(at));
}

/**
 * Writes a new file that its owner alone may read, so that its content outlives a power failure. Its name does when the folder
 * is synced too.
 */
export async function writeDurably(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Of a file: its content is on the disk when this resolves. Of a folder: the names in it are, and what they were changed to. */
export async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Of a folder and everything in it, whoever wrote it. Its files may come and go meanwhile. */
export async function syncTree(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    const sync = entry.isDirectory() ? syncTree : entry.isFile() ? syncPath : null;
    await sync?.(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
    });
  }
  await syncPath(folder);
}
