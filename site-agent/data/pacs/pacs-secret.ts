import { FederationError } from '@fedoxnet/shared/errors';
import { readPrivateFile } from '../../files/private-file.js';

/** Stands for the file in a service that gets its secrets by its environment. */
export const SECRET_VARIABLE = 'FEDOXNET_PACS_SECRET';

/** A password or token: goes into one header, and never into a message, a log or JSON. */
export class PacsSecret {
  readonly #header: string;

  /** @param user with basic authentication; null for a bearer token */
  constructor(user: string | null, secret: string) {
    this.#header =
      user === null
        ? `Bearer ${secret}`
        : `Basic ${Buffer.from(`${user}:${secret}`, 'utf8').toString('base64')}`;
  }

  /** Value of the header `Authorization` (RFC 7617, RFC 6750). */
  header(): string {
    return this.#header;
  }
}

/**
 * Reads the secret: the first line of a file that only its owner may read, or `FEDOXNET_PACS_SECRET`.
 * @param file absolute; null where none is named
 * @throws {FederationError} `CONFIG_INVALID` without the file, when others may read it, or when it holds no usable secret
 */
export async function readPacsSecret(
  user: string | null,
  file: string | null,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<PacsSecret | null> {
  const given = environment[SECRET_VARIABLE];
  if (file === null && (given === undefined || given === '')) {
    if (user === null) return null;
    throw new FederationError(
      'CONFIG_INVALID',
      `There is a user for the PACS, but neither a secret file nor ${SECRET_VARIABLE}.`,
    );
  }
  const [where, text] = file === null ? [SECRET_VARIABLE, given ?? ''] : [file, await readPrivateFile(file)];
  const secret = text.split(/\r?\n/, 1)[0] ?? '';
  if (!/^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(secret) && user === null)
    throw new FederationError('CONFIG_INVALID', `${where} holds no token in its first line.`);
  if (secret === '')
    throw new FederationError('CONFIG_INVALID', `${where} holds no password in its first line.`);
  return new PacsSecret(user, secret);
}
