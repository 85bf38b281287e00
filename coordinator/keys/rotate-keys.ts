import { access, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { openDataKey, sealDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SealedKeyFor } from '@fedoxnet/shared/sealing/header';
import { announceKeys } from '@fedoxnet/shared/sealing/key-succession';
import { generateKeys, publicKeysOf } from '@fedoxnet/shared/sealing/keys';
import { signHeader } from '@fedoxnet/shared/sealing/signed-header';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { AUDIT_LABEL } from '../audit/audit-chain.js';
import { syncPath, writeDurably } from '../durable-files.js';
import { openDatabase, type Database } from '../storage/database.js';
import type { Stores } from '../storage/stores.js';
import { encodeRing, KEY_FILE, loadNextRing, loadRing, NEXT_KEY_FILE, type KeyRing } from './key-ring.js';

export interface RotationPlace {
  readonly dataDir: string;
  /** postgres://…; without it the embedded database. */
  readonly databaseUrl?: string | undefined;
}

/**
 * Replaces the keys of a coordinator that is not running. May be given again after any interruption, and a coordinator that
 * starts in between finishes it: the next keys lie on the disk before the log names them, and take effect after.
 * @returns the new public keys
 * @throws {FederationError} `DATA_IN_USE` while the coordinator runs, `DATA_MISSING`, `DATABASE_UNREACHABLE`
 */
export async function rotateCoordinatorKeys({ dataDir, databaseUrl }: RotationPlace): Promise<PublicKeys> {
  await access(join(dataDir, KEY_FILE)).catch((cause: unknown) => {
    throw new FederationError('DATA_MISSING', `There are no keys of a coordinator in ${dataDir}.`, { cause });
  });
  let present: KeyRing;
  const database = await openDatabase({ dataDir, databaseUrl, signAudit: auditSigner(() => present) });
  try {
    // Only now, with the folder locked: another rotation may just have ended.
    present = await loadRing(dataDir);
    if ((await loadNextRing(dataDir)) === null) await begin(dataDir, present);
    return publicKeysOf(await finishRotation(dataDir, database, present));
  } finally {
    await database.close();
  }
}

/** @param ring the keys of the moment, asked for at every entry */
export function auditSigner(ring: () => KeyRing): (hash: string) => string {
  return (hash) => signText(AUDIT_LABEL, hash, ring().sign.secretKey);
}

/**
 * Carries a begun rotation through.
 * @param database whose audit entries are signed with the present keys
 * @returns the ring that is valid from now on: the present one when no rotation was begun
 * @throws {FederationError} `CONFIG_INVALID` when the next keys do not follow the present ones
 */
export async function finishRotation(
  dataDir: string,
  database: Database,
  present: KeyRing,
): Promise<KeyRing> {
  const next = await loadNextRing(dataDir);
  if (next === null) return present;
  const link = next.succession.at(-1);
  if (link?.from !== publicKeysOf(present).signKey) {
    throw new FederationError(
      'CONFIG_INVALID',
      `${NEXT_KEY_FILE} in ${dataDir} does not follow ${KEY_FILE}: one of them is from a backup.`,
    );
  }
  // The database opens releases with the next keys from the transaction on: they must be there after a power failure.
  await syncPath(dataDir);
  await database.transaction(async (stores) => {
    const last = await stores.audit.lastOf('rotate-coordinator');
    if (last?.detail === JSON.stringify(link)) return;
    await stores.audit.append(new Date(), 'rotate-coordinator', link);
    await sealReleasesAnew(stores, present, next);
    // Sites hear of the new keys when they sign in.
    await stores.sites.endSessions();
  });
  // From here on the present keys are gone, and with them what the database would still hold for them.
  await database.flush();
  await rename(join(dataDir, NEXT_KEY_FILE), join(dataDir, KEY_FILE));
  await syncPath(dataDir);
  return next;
}

async function begin(dataDir: string, present: KeyRing): Promise<void> {
  const keys = generateKeys();
  const ring: KeyRing = {
    ...keys,
    formerBoxSecretKey: present.box.secretKey,
    succession: [...present.succession, announceKeys(present, keys)],
  };
  const path = join(dataDir, NEXT_KEY_FILE);
  await rm(`${path}.new`, { force: true });
  await writeDurably(`${path}.new`, encodeRing(ring));
  await rename(`${path}.new`, path);
}

/** Releases and states stay as they are; what opens them and vouches for them is made with the new keys. */
async function sealReleasesAnew({ studies }: Stores, present: KeyRing, next: KeyRing): Promise<void> {
  const { boxKey } = publicKeysOf(next);
  for (const { name } of await studies.all()) {
    for (const release of await studies.latestReleases(name)) {
      const anew = (ownKey: SealedKeyFor): SealedKeyFor =>
        sealDataKey(openDataKey(ownKey, present.box.secretKey), boxKey);
      const { state } = release;
      await studies.putRelease({
        ...release,
        signature: signHeader(release.header, next.sign.secretKey),
        ownKey: anew(release.ownKey),
        state: state === null ? null : { ...state, ownKey: anew(state.ownKey) },
      });
    }
  }
}
