import type { WeightShapes } from './weight-map.js';

/**
 * SCAFFOLD's control variates travel beside the weights, each under the name of its tensor and this ending, behind all
 * tensors of the model and in their order: in an update what a site's own changed by, in a release the server's.
 */
const ENDING = '#control';

export function controlName(tensor: string): string {
  return `${tensor}${ENDING}`;
}

export function isControl(name: string): boolean {
  return name.endsWith(ENDING);
}

/** The names and shapes of a model, and behind them those of the controls of every tensor that `isControlled`. */
export function withControls(
  shapes: WeightShapes,
  isControlled: (tensor: string) => boolean,
): Map<string, readonly number[]> {
  const controls = [...shapes]
    .filter(([name]) => isControlled(name))
    .map(([name, shape]) => [controlName(name), shape] as const);
  return new Map([...shapes, ...controls]);
}
