import { FederationError } from '@fedoxnet/shared/errors';
import { controlName } from '@fedoxnet/shared/weights/control-variates';
import { areFinite } from '@fedoxnet/shared/weights/safetensors';
import type { BlobReader } from '../blobs/blob-store.js';
import type { TensorLayout } from './model-layout.js';
import { rowOfElement } from './row-of-element.js';
import { addDelta } from './server/add-delta.js';
import { prototypeAverage } from './server/prototype-average.js';
import { holdsAll, type CombinedDelta, type Combiner, type ServerStep, type Voices } from './strategy.js';
import {
  companionNames,
  isTrained,
  stateName,
  trainedPart,
  type SumSeconds,
  type SumTask,
} from './sum-task.js';
import type { Verdict } from './survey.js';
import { asNamed, beginsOf, slicesOf, UpdateReader, type NameOf } from './update-reader.js';
import { weightedMean } from './weighted-mean.js';
import { elementsOf, type TensorSlice, type Window } from './windows.js';

/** Numbers of the parts that come of a window: its weights, then the optimiser's arrays and the control variates. */
export function partLengths(task: Pick<SumTask, 'strategy' | 'controls'>, window: Window): number[] {
  const trained = elementsOf(trainedPart(window));
  return [elementsOf(window), ...companionNames(task).map(() => trained)];
}

/** The parts of a window, which lie one behind the other. */
export function partsOf(lengths: readonly number[], target: Float32Array): Float32Array[] {
  let begin = 0;
  return lengths.map((length) => target.subarray(begin, (begin += length)));
}

/**
 * Sums windows of one round; holds one chunk and one window at a time, and that of all updates where the rule must see them
 * side by side.
 */
export class WindowSummer {
  readonly #task: SumTask;
  readonly #reader: UpdateReader;
  /** Memory of the longest window; all use it. */
  readonly #sums: Float64Array;
  readonly #held: Float32Array;
  /** By tensor of prototypes: [K] 1 where the class has one. */
  readonly #known = new Map<string, Uint8Array>();
  #finishing = 0;

  /** @param longest numbers of the longest window */
  constructor(blobs: BlobReader, task: SumTask, longest: number) {
    this.#task = task;
    this.#sums = new Float64Array(longest);
    this.#held = new Float32Array(holdsAll(task.strategy) ? longest * task.updates.length : 0);
    this.#reader = new UpdateReader(blobs, task);
  }

  get seconds(): SumSeconds {
    const { open, used } = this.#reader.seconds;
    return { open, add: used + this.#finishing };
  }

  /**
   * @param target as long as all parts together, or longer
   * @returns the parts, each the window's slices one behind the other: the weights of the next global model, the server's
   *   state, and SCAFFOLD's control variates
   * @throws {UpdateRefused} the first update that cannot be read
   * @throws {FederationError} `WEIGHTS_INVALID` when a result is not finite
   */
  async sum(window: Window, verdict: Verdict, target?: Float32Array): Promise<readonly Float32Array[]> {
    const { strategy, controls, base, state } = this.#task;
    const { server, combiner, prototypeCombiner } = strategy;
    const lengths = partLengths(this.#task, window);
    const total = lengths.reduce((sum, length) => sum + length, 0);
    const parts = partsOf(lengths, target ?? new Float32Array(total));
    const weights = parts[0] as Float32Array;
    const trained = trainedPart(window);

    const combinerOf = (tensor: TensorLayout): Combiner => (isTrained(tensor) ? combiner : prototypeCombiner);
    const combined = await this.#combine(combinerOf, window, verdict, asNamed);
    await this.#reader.readWeights(base, window, asNamed, weights);
    const states = parts.slice(1, 1 + server.state.length);
    for (const [index, values] of states.entries()) {
      const array = server.state[index] as string;
      if (state === null) values.fill(server.initial[index] as number);
      else await this.#reader.readWeights(state, trained, (name) => stateName(name, array), values);
    }
    for (const tensor of new Set(window.map((slice) => slice.tensor)))
      if (!isTrained(tensor)) await this.#learnKnown(tensor);

    const started = performance.now();
    const slicedStates = states.map((values) => slicesOf(trained, values));
    for (const [slice, values] of slicesOf(window, weights)) {
      const delta = combined.get(slice) as CombinedDelta;
      const step = this.#stepOf(slice.tensor);
      step.apply(
        values,
        delta,
        step.state.map((_, index) => slicedStates[index]?.get(slice) as Float32Array),
      );
    }
    this.#finishing += (performance.now() - started) / 1000;
    if (controls !== null)
      await this.#moveControls(trained, verdict, controls.share, parts.at(-1) as Float32Array);
    requireFinite(window, weights);
    for (const part of parts.slice(1)) requireFinite(trained, part);
    return parts;
  }

  /** What the updates that are kept say of each slice, and of prototypes all: those are not what an update was chosen by. */
  async #combine(
    combinerOf: (tensor: TensorLayout) => Combiner,
    window: Window,
    verdict: Verdict,
    nameOf: NameOf,
  ): Promise<Map<TensorSlice, CombinedDelta>> {
    const { updates, model } = this.#task;
    const begins = beginsOf(window);
    const sums = new Map(
      window.map((slice, at) => {
        const [begin, length] = [begins[at] as number, elementsOf([slice])];
        const room = {
          sums: this.#sums.subarray(begin, begin + length),
          held: this.#held.subarray(begin * updates.length, (begin + length) * updates.length),
        };
        const voices = this.#voicesOf(slice, verdict);
        return [slice, combinerOf(slice.tensor).sum(slice, model.classes, voices, room)];
      }),
    );
    const prototypes = window.filter(({ tensor }) => !isTrained(tensor));
    for (const [index, update] of updates.entries()) {
      const wanted = verdict.kept[index] === false ? prototypes : window;
      if (wanted.length === 0) continue;
      await this.#reader.readUpdate(update, wanted, nameOf, (at, offset, values) =>
        sums.get(wanted[at] as TensorSlice)?.add(index, offset, values),
      );
    }
    const started = performance.now();
    const combined = new Map([...sums].map(([slice, sum]) => [slice, sum.finish()]));
    this.#finishing += (performance.now() - started) / 1000;
    return combined;
  }

  #voicesOf({ tensor }: TensorSlice, { kept, factors, prototypeFactors }: Verdict): Voices {
    const { updates, strategy } = this.#task;
    const masses = updates.map((update, index) => {
      const own = strategy.massesOf(tensor.role, update.masses);
      return kept[index] === false && isTrained(tensor) ? own.fill(0) : own;
    });
    return { masses, factors: isTrained(tensor) ? factors : prototypeFactors };
  }

  /** c ← c + (|S| / N) · mean of Δc, by the masses of the weights: `site-agent/training/control-variates.ts`. */
  async #moveControls(trained: Window, verdict: Verdict, share: number, target: Float32Array): Promise<void> {
    const { base } = this.#task;
    const [first] = trained;
    if (first === undefined) return;
    // The first release has none: they begin at 0.
    if (!base.places.has(controlName(first.tensor.name))) target.fill(0);
    else await this.#reader.readWeights(base, trained, controlName, target);
    const shared = { ...verdict, factors: verdict.factors.map(() => share) };
    const combined = await this.#combine(() => weightedMean, trained, shared, controlName);
    for (const [slice, values] of slicesOf(trained, target))
      addDelta.apply(values, combined.get(slice) as CombinedDelta, []);
  }

  #stepOf(tensor: TensorLayout): ServerStep {
    const { server, prototypeDecay } = this.#task.strategy;
    if (isTrained(tensor)) return server;
    return prototypeAverage(prototypeDecay, this.#known.get(tensor.name) as Uint8Array);
  }

  /** Looks which classes have a prototype: a row that is all zero was never filled. */
  async #learnKnown(tensor: TensorLayout): Promise<void> {
    if (this.#known.has(tensor.name)) return;
    const { base, model } = this.#task;
    const whole = { tensor, begin: 0, end: tensor.elements };
    const values = new Float32Array(tensor.elements);
    await this.#reader.readWeights(base, [whole], asNamed, values);
    const rowOf = rowOfElement(whole, model.classes, model.classes);
    const known = new Uint8Array(model.classes);
    values.forEach((value, at) => {
      if (value !== 0) known[rowOf(at)] = 1;
    });
    this.#known.set(tensor.name, known);
  }
}

function requireFinite(window: Window, part: Float32Array): void {
  for (const [{ tensor }, values] of slicesOf(window, part)) {
    if (areFinite(values)) continue;
    throw new FederationError('WEIGHTS_INVALID', `Tensor ${tensor.name} of the next model is not finite.`);
  }
}
