import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { FederationError } from '@fedoxnet/shared/errors';

/** Paths of a certificate chain and its private key, both PEM. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
}

/** What `https.createServer` and `setSecureContext` take. */
export interface TlsContext {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly minVersion: 'TLSv1.2';
}

/** @throws {FederationError} `CONFIG_INVALID` when a file cannot be read, or the two are no pair; says nothing of the key */
export async function loadTls({ cert, key }: TlsFiles): Promise<TlsContext> {
  const context = {
    cert: await readFile(cert).catch((cause: unknown) =>
      refuse(`The certificate ${cert} cannot be read`, cause),
    ),
    key: await readFile(key).catch((cause: unknown) => refuse(`The key ${key} cannot be read`, cause)),
    minVersion: 'TLSv1.2',
  } as const;
  try {
    createSecureContext(context);
  } catch (cause) {
    refuse(`The certificate ${cert} and the key ${key} are no PEM pair`, cause);
  }
  return context;
}

function refuse(what: string, cause: unknown): never {
  const { code } = cause as NodeJS.ErrnoException;
  throw new FederationError('CONFIG_INVALID', `${what}${code === undefined ? '' : ` (${code})`}.`, { cause });
}
