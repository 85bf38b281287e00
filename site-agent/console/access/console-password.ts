import { join } from 'node:path';
import { z } from 'zod';
import { hashPassword } from '@fedoxnet/shared/access/password';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { readJsonFile } from '../../files/json-file.js';

const passwordFile = z.strictObject({
  version: z.literal(1),
  /** `scrypt$N$r$p$salt$key`, shared/access/password.ts. */
  password: z.string().regex(/^scrypt\$/),
});

const pathOf = (home: string): string => join(home, 'console-password.json');

/**
 * The hash of the console's password; null where none was set.
 * @throws {FederationError} `CONFIG_INVALID` for a broken file
 */
export async function readPasswordHash(home: string): Promise<string | null> {
  return (await readJsonFile(pathOf(home), passwordFile, 'CONFIG_INVALID'))?.password ?? null;
}

/** Counts from the next sign-in on, also for a console that runs. */
export async function setConsolePassword(home: string, text: string): Promise<void> {
  const file = { version: 1, password: await hashPassword(text) };
  await writeFileAtomic(pathOf(home), `${JSON.stringify(file)}\n`, 0o600);
}
