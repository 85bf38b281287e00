import { releasesFolder, statesFolder, type BlobStore } from '../blobs/blob-store.js';
import type { Database } from '../storage/database.js';
import { dropSealed, folderOfRelease } from './seal-release.js';
import { folderOfState } from './server-state.js';

/**
 * Removes sealed releases of a study, and states, that no row names: of tries that a crash or a failure ended before their row
 * was stored, and of initial models that were replaced. Only of rounds that the database knows, so that a coordinator started
 * with an older database removes nothing that the right one may name. Must not run beside a sum of the study.
 */
export async function dropUnnamed(study: string, database: Database, blobs: BlobStore): Promise<void> {
  const { named, latest } = await database.transaction(async ({ studies, rounds }) => {
    // A transaction whose end nobody saw may still be about to name one.
    await studies.hold(study);
    const releases = await studies.latestReleases(study);
    return {
      named: new Set(
        releases.flatMap(({ header, state }) => [
          folderOfRelease(header),
          ...(state === null ? [] : [folderOfState(state.header)]),
        ]),
      ),
      latest: (await rounds.latest(study))?.round.number ?? 0,
    };
  });
  for (const place of [releasesFolder(study), statesFolder(study)]) {
    for (const name of await blobs.list(place)) {
      const folder = `${place}/${name}`;
      if (!named.has(folder) && Number.parseInt(name, 10) <= latest) await dropSealed(folder, blobs);
    }
  }
}
