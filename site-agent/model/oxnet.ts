import * as tf from '@tensorflow/tfjs-core';
import { FederationError } from '@fedoxnet/shared/errors';
import { isControl } from '@fedoxnet/shared/weights/control-variates';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { TensorRoles } from '@fedoxnet/shared/weights/roles';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { featureChannels } from './backbone.js';
import { network, type Network } from './network.js';
import type { OxnetOutputs } from './outputs.js';
import { ParameterSet } from './parameters.js';

/** The tensor [K, D] that a model file carries beside the network: one prototype per class, zero where there is none. */
export const PROTOTYPES = 'prototypes';

/**
 * The network and its memory. Several may live side by side (student and teacher); tensors are matched by name, such
 * as `backbone.stage3.block1.conv1.kernel` or `classSubnet.output.kernel`, never by order.
 */
export class Oxnet {
  /** Every tensor of the network, frozen ones included. */
  readonly variables: ReadonlyMap<string, tf.Variable>;
  /** Those that the optimiser may change. */
  readonly trainable: ReadonlyMap<string, tf.Variable>;
  /** Names of the gains and offsets of its norms, as far as they are trained. */
  readonly norms: ReadonlySet<string>;
  readonly #parameters = new ParameterSet();
  readonly #network: Network;

  /**
   * Starts from the plan's seed, or from `weights`.
   * @throws {FederationError} `WEIGHTS_INVALID` as in `setWeights`.
   */
  constructor(
    readonly plan: ModelPlan,
    readonly classCount: number,
    weights?: WeightMap,
  ) {
    this.#network = network(this.#parameters, plan, classCount);
    if (weights !== undefined) checkWeights(this.#parameters, weights);
    const variables = new Map<string, tf.Variable>();
    const trainable = new Map<string, tf.Variable>();
    for (const parameter of this.#parameters) {
      const values = weights?.get(parameter.name)?.values ?? parameter.initialValues(plan.seed);
      const variable = parameter.allocate(values);
      variables.set(parameter.name, variable);
      if (parameter.trainable) trainable.set(parameter.name, variable);
    }
    this.variables = variables;
    this.trainable = trainable;
    this.norms = new Set([...this.#parameters].filter(({ isNorm }) => isNorm).map(({ name }) => name));
  }

  /**
   * One forward pass; differentiable. The caller disposes every output.
   * @param images [B, S, S, channels] normalised films (`training/image-tensor.ts`)
   */
  forward(images: tf.Tensor4D): OxnetOutputs {
    return tf.tidy(() => ({ ...this.#network(images) }));
  }

  /**
   * Takes over `weights`, which may also hold the prototypes and control variates.
   * @throws {FederationError} `WEIGHTS_INVALID` when a tensor is missing, unknown, of another shape or not finite;
   * the network is unchanged then.
   */
  setWeights(weights: WeightMap): void {
    checkWeights(this.#parameters, weights);
    for (const [name, variable] of this.variables) {
      tf.tidy(() => variable.assign(tf.tensor(weights.get(name)!.values, variable.shape, 'float32')));
    }
  }

  /** A copy of every tensor of the network, in its order; the prototypes are not among them. */
  getWeights(): Map<string, WeightArray> {
    const weights = new Map<string, WeightArray>();
    for (const [name, variable] of this.variables) {
      // The backend may hand out its own memory: slice() makes the copy ours.
      weights.set(name, {
        shape: [...variable.shape],
        values: (variable.dataSync() as Float32Array).slice(),
      });
    }
    return weights;
  }

  /** What each tensor of the model file is, the prototypes included. */
  roles(): TensorRoles {
    return tensorRoles(this.#parameters);
  }

  /** Trainable and frozen scalars of a network, without building it. */
  static parameterCount(plan: ModelPlan, classCount: number): number {
    const parameters = new ParameterSet();
    network(parameters, plan, classCount);
    return parameters.scalarCount;
  }

  dispose(): void {
    this.#parameters.dispose();
  }
}

/** Names, shapes, roles and fresh values of a model, without a backend. */
export function freshModel(
  plan: ModelPlan,
  classCount: number,
): { weights: Map<string, WeightArray>; roles: TensorRoles } {
  const parameters = new ParameterSet();
  network(parameters, plan, classCount);
  const weights = new Map<string, WeightArray>();
  for (const parameter of parameters) {
    weights.set(parameter.name, { shape: parameter.shape, values: parameter.initialValues(plan.seed) });
  }
  const shape = [classCount, featureChannels(plan.backbone)] as const;
  weights.set(PROTOTYPES, { shape, values: new Float32Array(shape[0] * shape[1]) });
  return { weights, roles: tensorRoles(parameters) };
}

/**
 * Makes sure that `weights` are those of this network, without building it.
 * @throws {FederationError} `WEIGHTS_INVALID` as in `setWeights`
 */
export function checkModelWeights(plan: ModelPlan, classCount: number, weights: WeightMap): void {
  const parameters = new ParameterSet();
  network(parameters, plan, classCount);
  checkWeights(parameters, weights);
}

function tensorRoles(parameters: ParameterSet): TensorRoles {
  const roles: TensorRoles = {};
  for (const { name, role } of parameters) roles[name] = role;
  roles[PROTOTYPES] = { module: 'prototypes', classAxis: 0 };
  return roles;
}

function checkWeights(parameters: ParameterSet, weights: WeightMap): void {
  const known = new Set([PROTOTYPES]);
  for (const { name, shape } of parameters) {
    known.add(name);
    const array = weights.get(name);
    if (array === undefined) throw new FederationError('WEIGHTS_INVALID', `The weights lack ${name}.`);
    if (array.shape.join() !== shape.join()) {
      throw new FederationError(
        'WEIGHTS_INVALID',
        `${name} has shape [${array.shape.join(', ')}], the network's is [${shape.join(', ')}].`,
      );
    }
    if (!array.values.every(Number.isFinite)) {
      throw new FederationError('WEIGHTS_INVALID', `${name} holds a number that is not finite.`);
    }
  }
  for (const name of weights.keys()) {
    if (!known.has(name) && !isControl(name))
      throw new FederationError('WEIGHTS_INVALID', `The network has no tensor ${name}.`);
  }
}
