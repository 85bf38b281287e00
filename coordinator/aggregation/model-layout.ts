import { FederationError } from '@fedoxnet/shared/errors';
import { tensorRoles, type TensorRole } from '@fedoxnet/shared/weights/roles';
import type { WeightShapes } from '@fedoxnet/shared/weights/weight-map';

/** One tensor of the model as aggregation sees it. */
export interface TensorLayout {
  readonly name: string;
  readonly shape: readonly number[];
  readonly elements: number;
  readonly role: TensorRole;
}

/** What the coordinator knows of the network it never builds. */
export interface ModelLayout {
  /** K, classes of the plan. */
  readonly classes: number;
  /** In file order. */
  readonly tensors: ReadonlyMap<string, TensorLayout>;
}

function invalid(message: string): FederationError {
  return new FederationError('MODEL_INVALID', message);
}

function checkTensor({ name, shape, role }: TensorLayout, classes: number): void {
  if (role.classAxis === undefined) {
    if (role.module === 'prototypes')
      throw invalid(`Tensor ${name} holds prototypes but names no classAxis.`);
    return;
  }
  const side = shape[role.classAxis];
  if (side === undefined) {
    throw invalid(`Tensor ${name} has ${shape.length} axes; classAxis ${role.classAxis} is not one of them.`);
  }
  if (side === 0 || side % classes !== 0) {
    throw invalid(
      `Tensor ${name} has ${side} entries along its class axis, no multiple of ${classes} classes.`,
    );
  }
}

/**
 * @param shapes  in file order
 * @param roles   parsed or not, by tensor name
 * @param classes K ≥ 1
 * @throws {FederationError} `MODEL_INVALID` naming the first tensor without a fitting role
 */
export function modelLayout(shapes: WeightShapes, roles: unknown, classes: number): ModelLayout {
  const parsed = tensorRoles.safeParse(roles);
  if (!parsed.success) {
    throw invalid(`The roles of the model are invalid at "${parsed.error.issues[0]?.path.join('.') ?? ''}".`);
  }
  if (shapes.size === 0) throw invalid('The model holds no tensor.');
  const tensors = new Map<string, TensorLayout>();
  for (const [name, shape] of shapes) {
    const role = Object.hasOwn(parsed.data, name) ? parsed.data[name] : undefined;
    if (role === undefined) throw invalid(`Tensor ${name} has no role in the model's metadata.`);
    const elements = shape.reduce((product, side) => product * side, 1);
    const layout = { name, shape, elements, role };
    checkTensor(layout, classes);
    tensors.set(name, layout);
  }
  return { classes, tensors };
}

/** @throws {FederationError} `WEIGHTS_INVALID` when names, order or shapes differ from the model's */
export function checkShapes(layout: ModelLayout, shapes: WeightShapes, what: string): void {
  const expected = [...layout.tensors.values()];
  const actual = [...shapes];
  const length = Math.max(expected.length, actual.length);
  for (let index = 0; index < length; index += 1) {
    const want = expected[index];
    const [name, shape] = actual[index] ?? [];
    if (want === undefined || name === undefined || shape === undefined || want.name !== name) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `${what} has tensor ${name ?? '(none)'} where the model has ${want?.name ?? '(none)'}.`,
      );
    }
    if (want.shape.join() !== shape.join()) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `${what} has tensor ${name} of shape [${shape.join(', ')}]; the model has [${want.shape.join(', ')}].`,
      );
    }
  }
}

/** The class of element `index` of a tensor with a class axis: entry i along the axis belongs to class i mod K. */
export function classOfElement({ shape, role }: TensorLayout, classes: number): (index: number) => number {
  const axis = role.classAxis ?? 0;
  const inner = shape.slice(axis + 1).reduce((product, side) => product * side, 1);
  const side = shape[axis] ?? 1;
  return (index) => (Math.floor(index / inner) % side) % classes;
}
