import { readFile } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { checkModelWeights } from '../model/oxnet.js';
import type { ReleasedModel } from './model-file.js';

/**
 * A released model with the norms that a site kept to itself (FedBN, `training/local-norms.ts`): as the site trained it.
 * @param path of the site's own norms
 * @throws {FederationError} `WEIGHTS_INVALID` when they are not of this network, naming the file
 */
export async function withNormsOf(released: ReleasedModel, path: string): Promise<ReleasedModel> {
  const { plan, classes, weights } = released;
  try {
    const own = decodeSafetensors(await readFile(path)).weights;
    const stranger = [...own.keys()].find((name) => !weights.has(name));
    if (stranger !== undefined)
      throw new FederationError('WEIGHTS_INVALID', `There is no weight ${stranger}.`);
    const merged = new Map([...weights].map(([name, array]) => [name, own.get(name) ?? array]));
    checkModelWeights(plan, classes.length, merged);
    return { ...released, weights: merged };
  } catch (cause) {
    if (!(cause instanceof FederationError)) throw cause;
    throw new FederationError('WEIGHTS_INVALID', `The norms in ${path} do not fit: ${cause.message}`, {
      cause,
    });
  }
}
