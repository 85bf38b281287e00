import { createHmac, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { writeFileAtomic } from '../../files/atomic-file.js';

/** Under a site's data folder, 0700: the one place where names of the hospital and ids of our own meet. */
export const PRIVATE_FOLDER = 'private';
const KEY_FILE = 'pseudonyms.key';
const KEY_BYTES = 32;

/**
 * Makes ids of our own for what the hospital names: the same name gives the same id here and another one at every other
 * site, and without the key nobody can tell or try out which name it was.
 */
export class Pseudonyms {
  private constructor(private readonly key: Uint8Array) {}

  /**
   * Reads the site's key, or makes one (0600) at the first use.
   * @throws {FederationError} `DATA_INVALID` when the key file is not one: with a new key every film would become another
   */
  static async open(data: string): Promise<Pseudonyms> {
    const folder = join(data, PRIVATE_FOLDER);
    const path = join(folder, KEY_FILE);
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw new FederationError('DATA_INVALID', `${path} cannot be read (${error.message}).`, {
        cause: error,
      });
    });
    if (text !== null) {
      if (!/^[0-9a-f]{64}\n$/.test(text))
        throw new FederationError('DATA_INVALID', `${path} is not a key of ${KEY_BYTES} bytes.`);
      return new Pseudonyms(Buffer.from(text.trim(), 'hex'));
    }
    const key = randomBytes(KEY_BYTES);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(folder, 0o700);
    await writeFileAtomic(path, `${key.toString('hex')}\n`, 0o600);
    return new Pseudonyms(key);
  }

  /** For a dry run: a key that is forgotten. */
  static temporary(): Pseudonyms {
    return new Pseudonyms(randomBytes(KEY_BYTES));
  }

  /** `film-` or `patient-` and 16 hexadecimal digits. */
  of(kind: 'film' | 'patient', name: string): string {
    return `${kind}-${this.digest(`${kind}\n${name}`).toString('hex').slice(0, 16)}`;
  }

  /** Uniform in [0, 1), the same for the same name: which patients are held out. */
  share(name: string): number {
    return this.digest(`share\n${name}`).readUIntBE(0, 6) / 2 ** 48;
  }

  private digest(text: string): Buffer {
    return createHmac('sha256', this.key).update(text).digest();
  }
}
