import { access, constants, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { loadIdentity } from '../agent/identity.js';
import { readPolicy } from '../agent/policy.js';
import { readCatalogue } from '../data/catalogue-file.js';
import { LABEL_MAP_FILE, readLabelMap } from '../data/label-map.js';
import { failed, passed, skipped, type Check } from './check.js';

/** Opened at most; a folder that is unreadable or moved away shows in the first few. */
const FILMS_TRIED = 200;

/** Keys are there, whole, and nobody else's to read. */
export function keysCheck(home: string | null): Check {
  return {
    name: 'keys',
    title: 'keys',
    async run() {
      if (home === null) return skipped('no --home was given');
      const identity = await loadIdentity(home).catch((error: unknown) => {
        if (error instanceof FederationError && error.code === 'SITE_UNKNOWN') return null;
        throw error;
      });
      if (identity === null) return skipped(`no site is enrolled in ${home}: fedoxnet-site enroll`);
      for (const name of ['keys.json', 'membership.json']) {
        const path = join(home, name);
        const { mode, uid } = await stat(path);
        if ((mode & 0o077) !== 0)
          return failed(`others may read ${path} (mode 0${(mode & 0o777).toString(8)})`, `chmod 600 ${path}`);
        if (process.getuid !== undefined && uid !== process.getuid())
          return failed(`${path} belongs to user ${uid}`, `Run the agent as that user, or chown ${path}.`);
      }
      return passed(`site ${identity.site}, enrolled at ${identity.address}`);
    },
  };
}

/** What the site allows can be read, because a policy that cannot allows nothing. */
export function policyCheck(home: string | null): Check {
  return {
    name: 'policy',
    title: 'policy',
    async run() {
      if (home === null) return skipped('no --home was given');
      const path = join(home, 'policy.json');
      const there = await stat(path).catch(() => null);
      if (there === null) return skipped(`no ${path}: every approved plan may run, no census is shared`);
      if ((there.mode & 0o022) !== 0)
        return failed(
          `others may change ${path} (mode 0${(there.mode & 0o777).toString(8)})`,
          `chmod go-w ${path}`,
        );
      const { studies, approve, census, hours, minimumOtherSites = 0 } = await readPolicy(home);
      const which = studies === undefined ? 'every study' : `studies ${studies.join(', ') || 'none'}`;
      const shared =
        census?.share === true
          ? `census shared, fewer than ${census.suppressBelow} withheld`
          : 'no census shared';
      const when = hours === undefined ? 'at any hour' : `at ${hours.text}`;
      const among = minimumOtherSites === 0 ? '' : `, ${minimumOtherSites} other sites in every release`;
      return passed(`${which}, ${when}${among}; ${approve.length} plans approved beforehand; ${shared}`);
    },
  };
}

/** The catalogue is right, its films can be read, and its label map beside it is one. */
export function dataCheck(data: string | null): Check {
  return {
    name: 'data',
    title: 'films and labels',
    async run() {
      if (data === null) return skipped('no --data was given');
      const { films, classes } = await readCatalogue(data);
      if (films.length === 0)
        return failed(`the catalogue in ${data} lists no films`, 'Import some: fedoxnet-site import --help.');
      // Spread over the list, because films of one folder lie together in it.
      const step = Math.max(1, Math.floor(films.length / FILMS_TRIED));
      const tried = films.filter((_, index) => index % step === 0);
      const missing: string[] = [];
      for (const { file } of tried) {
        const path = resolve(data, file);
        await access(path, constants.R_OK).catch(() => missing.push(path));
      }
      if (missing.length > 0)
        return failed(
          `${missing.length} of ${tried.length} films tried cannot be read, the first ${missing[0]}`,
          "Check the mount and the folder's permissions, or import again.",
        );
      const map = await readLabelMap(join(data, LABEL_MAP_FILE));
      const labels = map === null ? 'no label map' : `label map of ${map.format}`;
      return passed(`${films.length} films, ${classes.length} classes, ${labels}`);
    },
  };
}
