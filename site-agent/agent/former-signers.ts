import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { base64Bytes } from '@fedoxnet/shared/ids';
import { fromBase64, toBase64 } from '@fedoxnet/shared/sealing/base64';
import { SIGN_SEED_BYTES, signPairOf, type KeyPair } from '@fedoxnet/shared/sealing/keys';
import { writeFileAtomic } from '../files/atomic-file.js';
import { readJsonFile } from '../files/json-file.js';

const formerFile = z.strictObject({
  version: z.literal(1),
  /** Ed25519 seeds, oldest first. */
  signSeeds: z.array(base64Bytes(SIGN_SEED_BYTES)),
});

const path = (home: string): string => join(home, 'keys.former.json');

/**
 * The signing keys that this site has replaced, oldest first. A receipt names the key that the site had when the round was
 * summed, so a key is kept until it has signed what waited for it. It opens no session any more.
 * @throws {FederationError} `CONFIG_INVALID` for a broken file
 */
export async function formerSigners(home: string): Promise<KeyPair[]> {
  const file = await readJsonFile(path(home), formerFile, 'CONFIG_INVALID');
  return (file?.signSeeds ?? []).map((seed) => signPairOf(fromBase64(seed, SIGN_SEED_BYTES, 'former seed')));
}

/** Keeps one more (0600). The same again changes nothing. */
export async function keepFormerSigner(home: string, signer: KeyPair): Promise<void> {
  const seeds = [...(await formerSigners(home)), signer].map(({ secretKey }) =>
    toBase64(secretKey.subarray(0, SIGN_SEED_BYTES)),
  );
  const file: z.infer<typeof formerFile> = { version: 1, signSeeds: [...new Set(seeds)] };
  await writeFileAtomic(path(home), `${JSON.stringify(file)}\n`, 0o600);
}

/** No receipt waits for them any more. */
export function forgetFormerSigners(home: string): Promise<void> {
  return rm(path(home), { force: true });
}
