import * as tf from '@tensorflow/tfjs-core';
import type { Module, TensorRole } from '@fedoxnet/shared/weights/roles';
import { ConstantCache } from './constant-cache.js';
import { elementCount, namedRandom, type Initialiser } from './initialisers.js';

export interface ParameterOptions {
  /** Axis whose entries belong to classes (shared/weights/roles.ts). */
  readonly classAxis?: number;
  /** False for the frozen norm: the optimiser leaves it alone, the model file still carries it. Default true. */
  readonly trainable?: boolean;
  /** True for gain and offset of a norm. Default false. */
  readonly norm?: boolean;
}

/** One named tensor of the network: declared by the layer that uses it, given memory by `allocate`. */
export class Parameter {
  #variable: tf.Variable | undefined;

  constructor(
    readonly name: string,
    readonly shape: readonly number[],
    readonly role: TensorRole,
    readonly trainable: boolean,
    readonly isNorm: boolean,
    private readonly initialise: Initialiser,
  ) {}

  initialValues(seed: number): Float32Array {
    return this.initialise(this.shape, namedRandom(seed, this.name));
  }

  /** tfjs keeps variable names unique in a process and two networks share ours, so its own name stays automatic. */
  allocate(values: Float32Array): tf.Variable {
    const initial = tf.tensor(values, [...this.shape], 'float32');
    this.#variable = tf.variable(initial, this.trainable);
    initial.dispose();
    return this.#variable;
  }

  /** The live value, between `allocate` and `dispose`. */
  get value(): tf.Variable {
    if (this.#variable === undefined) throw new Error(`parameter ${this.name} has no memory`);
    return this.#variable;
  }

  dispose(): void {
    this.#variable?.dispose();
    this.#variable = undefined;
  }
}

/** All parameters of one network, in the order in which its layers declared them. */
export class ParameterSet {
  readonly constants = new ConstantCache();
  readonly #parameters = new Map<string, Parameter>();

  /** The prefix under which one module of the network declares its tensors: the module's own name. */
  scope(module: Module): ParameterScope {
    return new ParameterScope(this, module, module);
  }

  add(parameter: Parameter): Parameter {
    if (this.#parameters.has(parameter.name)) throw new Error(`parameter ${parameter.name} declared twice`);
    this.#parameters.set(parameter.name, parameter);
    return parameter;
  }

  [Symbol.iterator](): IterableIterator<Parameter> {
    return this.#parameters.values();
  }

  /** Scalars in all tensors together. */
  get scalarCount(): number {
    let count = 0;
    for (const { shape } of this) count += elementCount(shape);
    return count;
  }

  dispose(): void {
    for (const parameter of this) parameter.dispose();
    this.constants.dispose();
  }
}

/** Declares tensors under a dotted prefix, e.g. `backbone.stage3.block1`. */
export class ParameterScope {
  constructor(
    private readonly set: ParameterSet,
    private readonly module: Module,
    private readonly prefix: string,
  ) {}

  get constants(): ConstantCache {
    return this.set.constants;
  }

  child(name: string): ParameterScope {
    return new ParameterScope(this.set, this.module, `${this.prefix}.${name}`);
  }

  declare(
    name: string,
    shape: readonly number[],
    initialise: Initialiser,
    { classAxis, trainable = true, norm = false }: ParameterOptions = {},
  ): Parameter {
    const role: TensorRole = { module: this.module, ...(classAxis === undefined ? {} : { classAxis }) };
    return this.set.add(new Parameter(`${this.prefix}.${name}`, shape, role, trainable, norm, initialise));
  }
}
