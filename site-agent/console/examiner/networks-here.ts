import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { ownNormsFile } from '../../agent/own-norms.js';
import { workFolder } from '../../agent/site-work.js';
import { WeightsFile } from '../../agent/weights-file.js';
import { CHECKPOINT, LAST_CHECKPOINT } from '../../trainer/checkpoint-names.js';

/** The networks that lie in the agent's home. */
export interface NetworksHere {
  readonly model: { readonly path: string; readonly study: string; readonly release: number };
  /** The site's own norms of the model, where its study does not share them. */
  readonly norms: string | null;
  readonly checkpoint: string | null;
  /** Changes whenever one of them does. */
  readonly stamp: string;
}

/** The release that was downloaded last, of any study, and the teacher of that study; null before the first download. */
export async function networksHere(home: string): Promise<NetworksHere | null> {
  const studies = await readdir(join(home, 'work')).catch((): string[] => []);
  const releases = (await Promise.all(studies.map((study) => releasesOf(home, study)))).flat();
  const latest = releases.sort((a, b) => b.changed - a.changed || b.release - a.release)[0];
  if (latest === undefined) return null;
  const folder = workFolder(home, latest.study);
  const checkpoints = await Promise.all(
    [CHECKPOINT, LAST_CHECKPOINT].map((name) => dated(join(folder, name))),
  );
  const checkpoint = checkpoints.filter((file) => file !== null).sort((a, b) => b.changed - a.changed)[0];
  const { path, study, release } = latest;
  const own = await ownNormsOf(home, path);
  const norms = own === null ? null : await dated(own);
  return {
    model: { path, study, release },
    norms: norms?.path ?? null,
    checkpoint: checkpoint?.path ?? null,
    stamp: [latest, norms, checkpoint].map((file) => `${file?.path} ${file?.changed}`).join(' '),
  };
}

/** An approval that cannot be read hinders nobody from looking at the release as it is. */
async function ownNormsOf(home: string, model: string): Promise<string | null> {
  try {
    const file = await WeightsFile.open(model);
    const { metadata } = file.layout;
    await file.close();
    return await ownNormsFile(home, metadata);
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    return null;
  }
}

interface Dated {
  readonly path: string;
  readonly changed: number;
}

async function releasesOf(
  home: string,
  study: string,
): Promise<(Dated & { readonly study: string; readonly release: number })[]> {
  const folder = workFolder(home, study);
  const names = await readdir(folder).catch((): string[] => []);
  const files = names.map(async (name) => {
    const [, release] = /^release-(\d+)-[0-9a-f]{16}\.safetensors$/.exec(name) ?? [];
    const file = release === undefined ? null : await dated(join(folder, name));
    return file === null ? [] : [{ ...file, study, release: Number(release) }];
  });
  return (await Promise.all(files)).flat();
}

async function dated(path: string): Promise<Dated | null> {
  const found = await stat(path).catch(() => null);
  return found === null ? null : { path, changed: found.mtimeMs };
}
