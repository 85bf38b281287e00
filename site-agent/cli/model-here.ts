import { ownNormsFile } from '../agent/own-norms.js';
import { readModelFile, type ReleasedModel } from '../evaluation/model-file.js';
import { withNormsOf } from '../evaluation/own-norms.js';

/** A released model as a site uses it. */
export interface ModelHere {
  readonly released: ReleasedModel;
  /** Whose gains and offsets it has: the release's, or the site's own where the study does not share them (FedBN). */
  readonly norms: 'released' | 'own';
}

/** @param home of the site's agent; without one the release is used as it is */
export async function readModelHere(path: string, home: string | undefined): Promise<ModelHere> {
  const released = await readModelFile(path);
  const own = home === undefined ? null : await ownNormsFile(home, released.metadata);
  if (own === null) return { released, norms: 'released' };
  return { released: await withNormsOf(released, own), norms: 'own' };
}
