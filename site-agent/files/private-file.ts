import { readFile, stat } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';

/**
 * Text of a file that holds a secret.
 * @throws {FederationError} `CONFIG_INVALID` without the file, or when others than its owner may read it
 */
export async function readPrivateFile(path: string): Promise<string> {
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0)
      throw new FederationError(
        'CONFIG_INVALID',
        `Others may read ${path} (mode 0${(mode & 0o777).toString(8)}): chmod 600.`,
      );
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof FederationError) throw cause;
    throw new FederationError('CONFIG_INVALID', `${path} cannot be read (${(cause as Error).message}).`, {
      cause,
    });
  }
}
