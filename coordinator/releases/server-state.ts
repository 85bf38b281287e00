import type { StateHeader } from '@fedoxnet/shared/sealing/header';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import type { SiteKeys } from '@fedoxnet/shared/sealing/keys';
import { statesFolder, type BlobStore } from '../blobs/blob-store.js';
import type { SealedFile } from '../blobs/sealed-range.js';
import type { StoredState } from '../storage/study-tables.js';
import { commonHeader, nameOfTry, storeSealed, type Plaintext, type SealedPlace } from './seal-release.js';

/** Where the chunks of a state lie. */
export function folderOfState(header: StateHeader): string {
  return `${statesFolder(header.study)}/${nameOfTry(header)}`;
}

/**
 * Seals and stores what the server's optimiser keeps of a round, as a release is. It counts once the release's row names it,
 * so a crash before leaves the state of the last round in force, and the sum done again comes to the same.
 */
export async function sealState(
  place: SealedPlace,
  plaintext: Plaintext,
  keys: SiteKeys,
  blobs: BlobStore,
): Promise<StoredState> {
  const header: StateHeader = { kind: 'state', ...commonHeader(place, plaintext) };
  return { header, ownKey: await storeSealed(header, folderOfState(header), plaintext.pieces, keys, blobs) };
}

export function sealedState({ header, ownKey }: StoredState, keys: SiteKeys): SealedFile {
  return {
    folder: folderOfState(header),
    seal: chunkSeal(header, openDataKey(ownKey, keys.box.secretKey)),
  };
}

/** Removes all states of a study but the one that its next round begins from: older ones, and what a crash left behind. */
export async function dropOtherStates(
  study: string,
  state: StoredState | null,
  blobs: BlobStore,
): Promise<void> {
  const folder = statesFolder(study);
  for (const name of await blobs.list(folder)) {
    if (state === null || name !== nameOfTry(state.header)) await blobs.removeFolder(`${folder}/${name}`);
  }
}
