import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import type { PublicKeys } from '@fedoxnet/shared/protocol/http-messages';
import { publicKeysOf, type SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { ROTATION_LABEL, rotationText } from '@fedoxnet/shared/sealing/session-texts';
import { signText } from '@fedoxnet/shared/sealing/signature';
import { Ledger } from '../ledger/ledger.js';
import { lockHome } from './agent-lock.js';
import { countersignReceipts } from './countersign.js';
import { HttpClient } from './http-client.js';
import { adoptNextKeys, loadIdentity, nextKeys, type Identity } from './identity.js';
import { RoundRecords } from './round-records.js';
import { Session } from './session.js';

/**
 * Replaces the site's keys at its coordinator and in its home. May be given again at any time after an interruption: the new
 * keys are on disk before anyone hears of them, and whether the coordinator took them is asked, not assumed.
 * @returns the new public keys
 * @throws {FederationError} `SITE_ALREADY_CONNECTED` while the agent runs, and what opening a session throws
 */
export async function rotateSiteKeys(home: string): Promise<PublicKeys> {
  const identity = await loadIdentity(home);
  const release = await lockHome(home);
  try {
    const next = await nextKeys(home);
    const ledger = new Ledger({ home, to: identity.address });
    if (!(await wasTaken(identity, next, ledger))) await announce(identity, next, ledger);
    await adoptNextKeys(home);
    await confirmWithOldKeys(home, ledger);
    return publicKeysOf(next);
  } finally {
    release();
  }
}

/** So that the old signing key is gone with the command; where that does not work now, the agent does it when it starts. */
async function confirmWithOldKeys(home: string, ledger: Ledger): Promise<void> {
  const identity = await loadIdentity(home);
  const traffic = { sent: 0, received: 0 };
  const tokens = new Session(identity, new HttpClient(identity.address, traffic, { ledger }));
  const http = new HttpClient(identity.address, traffic, { tokens, ledger });
  const work = { identity, http, records: new RoundRecords(home) };
  await countersignReceipts(work, () => undefined).catch(() => undefined);
}

/** Whether an earlier, interrupted rotation reached the coordinator. */
async function wasTaken(identity: Identity, next: SiteKeys, ledger: Ledger): Promise<boolean> {
  const traffic = { sent: 0, received: 0 };
  try {
    await new Session(
      { ...identity, keys: next },
      new HttpClient(identity.address, traffic, { ledger }),
    ).token();
    return true;
  } catch (error) {
    if (error instanceof FederationError && error.code === 'SIGNATURE_INVALID') return false;
    throw error;
  }
}

async function announce(identity: Identity, next: SiteKeys, ledger: Ledger): Promise<void> {
  const { site, address, keys: old } = identity;
  const traffic = { sent: 0, received: 0 };
  const session = new Session(identity, new HttpClient(address, traffic, { ledger }));
  const keys = publicKeysOf(next);
  const text = rotationText(site, publicKeysOf(old).signKey, keys);
  const json = {
    keys,
    oldSignature: signText(ROTATION_LABEL, text, old.sign.secretKey),
    newSignature: signText(ROTATION_LABEL, text, next.sign.secretKey),
  };
  const http = new HttpClient(address, traffic, { tokens: session, ledger });
  await http.json({ method: 'POST', path: 'v1/sites/rotate', json }, z.object({}), 'rotation reply');
}
