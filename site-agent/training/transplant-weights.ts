import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';

/** A model of some classes, as far as its tensors go. */
export interface ClassedWeights {
  readonly weights: WeightMap;
  /** K, in the order of the class rows. */
  readonly classes: readonly string[];
}

/**
 * Carries what one model learned over to a model of the same network for other classes. Tensors without a class axis
 * are taken whole; of the others the entries of each class that both know, entry i along the axis belonging to class
 * i mod K. A class that `donor` does not know keeps its fresh values, and so do the prototypes: they are means over
 * films the new study has not seen.
 * @param donor what was learned
 * @param fresh what is to be filled
 * @param roles of both: they differ in the number of classes alone
 * @param alike names of `fresh.classes` that begin as another class of the donor
 * @returns a new map in the order of `fresh.weights`
 */
export function transplantWeights(
  donor: ClassedWeights,
  fresh: ClassedWeights,
  roles: TensorRoles,
  alike: Readonly<Record<string, string>> = {},
): Map<string, WeightArray> {
  const sources = fresh.classes.map((name) => donor.classes.indexOf(alike[name] ?? name));
  const filled = new Map<string, WeightArray>();
  for (const [name, target] of fresh.weights) {
    const role = roles[name];
    const source = donor.weights.get(name);
    if (source === undefined || role === undefined || role.module === 'prototypes') filled.set(name, target);
    else if (role.classAxis === undefined) filled.set(name, source);
    else filled.set(name, transplantRows(source, target, role.classAxis, donor.classes.length, sources));
  }
  return filled;
}

/** @param sources per class of the target the donor's class, −1 for none */
function transplantRows(
  donor: WeightArray,
  target: WeightArray,
  axis: number,
  donorClasses: number,
  sources: readonly number[],
): WeightArray {
  const inner = target.shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const side = target.shape[axis] ?? 1;
  const donorSide = donor.shape[axis] ?? 1;
  const values = target.values.map((value, index) => {
    const entry = Math.floor(index / inner) % side;
    const source = sources[entry % sources.length] ?? -1;
    if (source < 0) return value;
    const outer = Math.floor(index / (inner * side));
    const group = Math.floor(entry / sources.length);
    return (
      donor.values[(outer * donorSide + group * donorClasses + source) * inner + (index % inner)] ?? value
    );
  });
  return { shape: target.shape, values };
}
