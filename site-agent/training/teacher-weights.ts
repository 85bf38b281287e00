import type { Oxnet } from '../model/oxnet.js';
import { FlatParameters } from './flat-parameters.js';

/**
 * Gives a network the trained parameters of a teacher, as a checkpoint holds them; all others stay as they are.
 * @param values one vector, in the order of the network's trainable variables
 * @returns false, and changes nothing, when they are not as many
 */
export function loadTeacher(network: Oxnet, values: Float32Array): boolean {
  const parameters = new FlatParameters([...network.trainable.values()]);
  if (parameters.values.length !== values.length) return false;
  parameters.values.set(values);
  parameters.write();
  return true;
}
