import {
  modelLayout,
  type ModelLayout,
  type TensorLayout,
} from '@fedoxnet/coordinator/aggregation/model-layout';
import { prototypeAverage } from '@fedoxnet/coordinator/aggregation/server/prototype-average';
import type { Combiner, CombinedDelta, ServerStep } from '@fedoxnet/coordinator/aggregation/strategy';
import { strategyOfPlan } from '@fedoxnet/coordinator/aggregation/strategy-of-plan';
import { isTrained } from '@fedoxnet/coordinator/aggregation/sum-task';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import type { TensorRoles, UpdateMasses } from '@fedoxnet/shared/weights/roles';

/** What a site says of a model of a few numbers. */
export interface SmallUpdate {
  readonly masses: UpdateMasses;
  readonly deltas: Readonly<Record<string, readonly number[]>>;
}

export const NO_MASS: UpdateMasses = {
  films: 0,
  positives: 0,
  classRows: [0, 0],
  globalRows: [0, 0],
  prototypeRows: [0, 0],
};

/** A model of two classes. */
export function model(tensors: Readonly<Record<string, readonly number[]>>, roles: TensorRoles): ModelLayout {
  return modelLayout(new Map(Object.entries(tensors)), roles, 2);
}

/** One tensor of the backbone, `stem`, of some numbers. */
export function stemOf(elements: number): ModelLayout {
  return model({ stem: [elements] }, { stem: { module: 'backbone' } });
}

export function layoutOf({ tensors }: ModelLayout, name: string): TensorLayout {
  const found = tensors.get(name);
  if (found === undefined) throw new Error(`there is no tensor ${name}`);
  return found;
}

/** Updates of `stem` alone, each site with one film. */
export function stems(...deltas: readonly (readonly number[])[]): SmallUpdate[] {
  return deltas.map((stem) => ({ masses: { ...NO_MASS, films: 1 }, deltas: { stem } }));
}

export interface OneTensor {
  readonly tensor?: string;
  /** Values that come at a time. */
  readonly step?: number;
  /** Left out: the whole tensor. */
  readonly slice?: readonly [begin: number, end: number];
  readonly factors?: readonly number[];
}

/** Combines the updates of one tensor in their order. */
export function combine(
  { combiner, massesOf }: { combiner: Combiner; massesOf: ReturnType<typeof strategyOfPlan>['massesOf'] },
  layout: ModelLayout,
  updates: readonly SmallUpdate[],
  { tensor: name = 'stem', step = 100, slice, factors = updates.map(() => 1) }: OneTensor = {},
): CombinedDelta {
  const tensor = layoutOf(layout, name);
  const [begin, end] = slice ?? [0, tensor.elements];
  const sums = new Float64Array(end - begin).fill(NaN);
  const held = new Float32Array((end - begin) * updates.length).fill(NaN);
  const masses = updates.map((update) => massesOf(tensor.role, update.masses));
  const sum = combiner.sum({ tensor, begin, end }, layout.classes, { masses, factors }, { sums, held });
  for (const [index, { deltas }] of updates.entries()) {
    const values = (deltas[name] ?? []).slice(begin, end);
    for (let offset = 0; offset < values.length; offset += step)
      sum.add(index, offset, Float32Array.from(values.slice(offset, offset + step)));
  }
  return sum.finish();
}

/** One tensor of the next model, as the plan says. */
export function nextTensor(
  plan: AggregationPlan,
  layout: ModelLayout,
  updates: readonly SmallUpdate[],
  base: readonly number[],
  options: OneTensor & { readonly state?: readonly Float32Array[] } = {},
): number[] {
  const strategy = strategyOfPlan(plan);
  const tensor = layoutOf(layout, options.tensor ?? 'stem');
  const known = Uint8Array.from({ length: layout.classes }, (_, row) =>
    base.some((value, at) => value !== 0 && Math.floor((at * layout.classes) / base.length) === row) ? 1 : 0,
  );
  const server = isTrained(tensor) ? strategy.server : prototypeAverage(strategy.prototypeDecay, known);
  const weights = Float32Array.from(base);
  const state = options.state ?? freshState(server, base.length);
  server.apply(weights, combine(strategy, layout, updates, options), state);
  return [...weights];
}

/** What a server's optimiser begins with. */
export function freshState({ initial }: ServerStep, elements: number): Float32Array[] {
  return initial.map((value) => new Float32Array(elements).fill(value));
}
