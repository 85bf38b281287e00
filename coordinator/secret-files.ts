import { randomBytes } from 'node:crypto';
import { chmod, link, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { makeFolder, syncPath, writeDurably } from './durable-files.js';

/** Secrets in the data folder, made at the first start and readable by their owner alone. */
export const OPERATOR_TOKEN_FILE = 'operator.token';
export const VIEWER_TOKEN_FILE = 'viewer.token';

export interface AccessTokens {
  /** For whoever may read the data folder: all that an operator may. */
  readonly operator: string;
  /** To hand on: may look at studies, and nothing else. */
  readonly viewer: string;
}

const TOKEN_BYTES = 32;

/**
 * Reads a secret; makes it when it is not there. Two that start at once end with the same one, and it outlives a power failure:
 * what others are told of it, or was sealed with it, would be worth nothing without.
 */
export async function secretFile(path: string, make: () => string): Promise<string> {
  const existing = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new FederationError(
      'CONFIG_INVALID',
      `The secret file ${path} cannot be read: ${error.code ?? ''}.`,
    );
  });
  const folder = dirname(path);
  if (existing !== null) {
    await chmod(path, 0o600);
  } else {
    await makeFolder(folder);
    const temporary = `${path}.${randomBytes(6).toString('hex')}`;
    try {
      await writeDurably(temporary, make());
      await link(temporary, path).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    } finally {
      await rm(temporary, { force: true });
    }
  }
  // Also of one that was found: who made it may have been stopped before this.
  await syncPath(folder);
  return existing ?? readFile(path, 'utf8');
}

function newToken(): string {
  return `${randomBytes(TOKEN_BYTES).toString('base64url')}\n`;
}

export async function loadTokens(dataDir: string): Promise<AccessTokens> {
  return {
    operator: (await secretFile(join(dataDir, OPERATOR_TOKEN_FILE), newToken)).trim(),
    viewer: (await secretFile(join(dataDir, VIEWER_TOKEN_FILE), newToken)).trim(),
  };
}
