import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const NAME = /^fedoxnet-db-[0-9a-f]{12}$/;

/**
 * A folder for the socket of the embedded database that this user alone can enter. It lies with the temporary files,
 * because the path of a Unix socket may have 107 bytes and that of a data folder more. Who was killed together with its
 * database leaves one behind: the next one that starts on the same data removes it.
 * @param record file in the data folder that names the folder
 */
export async function newSocketFolder(record: string): Promise<string> {
  await removeSocketFolder(await readFile(record, 'utf8').catch(() => ''));
  const folder = join(tmpdir(), `fedoxnet-db-${randomBytes(6).toString('hex')}`);
  // First the record: a folder that nobody knows of would stay for ever.
  await writeFile(record, folder, { mode: 0o600 });
  await mkdir(folder, { mode: 0o700 });
  return folder;
}

/** Removes nothing that `newSocketFolder` could not have made. */
export async function removeSocketFolder(folder: string): Promise<void> {
  if (dirname(folder) !== tmpdir() || !NAME.test(basename(folder))) return;
  await rm(folder, { recursive: true, force: true });
}
