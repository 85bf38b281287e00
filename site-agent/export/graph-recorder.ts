import * as tf from '@tensorflow/tfjs-core';
import { KERNEL_RULES } from './kernel-rules.js';
import type { RecordedGraph, RecordedNode, RecordedValue } from './recorded-graph.js';

const RECORDER = 'fedoxnet-graph-recorder';

/**
 * A TensorFlow.js backend that computes nothing: it writes down which kernel is called with what. Whatever a network's
 * `forward` does is thus exported as it is, and cannot drift from a second description of the network.
 */
export class GraphRecorder extends tf.KernelBackend {
  readonly #values = new Map<tf.DataId, RecordedValue>();
  readonly #references = new Map<tf.DataId, number>();
  readonly #inputs: RecordedValue[] = [];

  /** A tensor that the exported graph is given. @param shape with a batch of any size: it is left open */
  input(name: string, shape: readonly number[]): tf.Tensor {
    const value = { node: { kind: 'input', name }, output: 0, shape, dtype: 'float32' } as const;
    this.#inputs.push(value);
    return tf.engine().makeTensorFromTensorInfo(this.#info(value), this);
  }

  /** Names a constant, such as a variable of the network, for people who look into the graph. */
  nameConstant(tensor: tf.Tensor, name: string): void {
    const value = this.#recorded(tensor.dataId);
    if (value.node.kind !== 'constant') throw new Error(`${name} is no constant`);
    this.#values.set(tensor.dataId, { ...value, node: { ...value.node, name } });
  }

  graph(outputs: Readonly<Record<string, tf.Tensor>>): RecordedGraph {
    const values = Object.entries(outputs).map(([name, { dataId }]) => [name, this.#recorded(dataId)]);
    return { inputs: [...this.#inputs], outputs: Object.fromEntries(values) as RecordedGraph['outputs'] };
  }

  /** One call of a kernel, answered with tensors of the shapes it would have. */
  record(
    kernel: string,
    inputs: Readonly<Record<string, tf.TensorInfo | undefined>>,
    attrs: Readonly<Record<string, unknown>>,
  ): tf.TensorInfo[] {
    const given = Object.entries(inputs).filter(
      (entry): entry is [string, tf.TensorInfo] => entry[1] !== undefined && entry[1] !== null,
    );
    const values = Object.fromEntries(given.map(([name, { dataId }]) => [name, this.#recorded(dataId)]));
    if (kernel === tf.Identity) return [this.#info(values['x']!)];
    const rule = KERNEL_RULES[kernel];
    if (rule === undefined) throw new Error(`kernel ${kernel} has no counterpart in a graph model`);
    const node: RecordedNode = { kind: 'kernel', kernel, inputs: values, attrs };
    return rule.outputs(values, attrs).map((type, output) => this.#info({ node, output, ...type }));
  }

  #recorded(dataId: tf.DataId): RecordedValue {
    const value = this.#values.get(dataId);
    if (value === undefined) throw new Error('a tensor of another backend in a recorded computation');
    return value;
  }

  #info(value: RecordedValue): tf.TensorInfo {
    return { dataId: this.#keep(value), shape: [...value.shape], dtype: value.dtype };
  }

  #keep(value: RecordedValue): tf.DataId {
    const dataId = {};
    this.#values.set(dataId, value);
    this.#references.set(dataId, 1);
    return dataId;
  }

  override write(values: tf.BackendValues | null, shape: number[], dtype: tf.DataType): tf.DataId {
    if (!(values instanceof Float32Array || values instanceof Int32Array || values instanceof Uint8Array)) {
      throw new Error(`a constant of type ${dtype} has no place in a graph model`);
    }
    return this.#keep({ node: { kind: 'constant', name: null, shape, values }, output: 0, shape, dtype });
  }

  // What the engine asks of every backend. References are counted for its books alone: a value that is disposed of may
  // still be part of the graph.
  override disposeData(dataId: tf.DataId): boolean {
    const references = this.refCount(dataId) - 1;
    this.#references.set(dataId, references);
    return references <= 0;
  }
  override refCount(dataId: tf.DataId): number {
    return this.#references.get(dataId) ?? 0;
  }
  override incRef(dataId: tf.DataId): void {
    this.#references.set(dataId, this.refCount(dataId) + 1);
  }
  override numDataIds(): number {
    return this.#values.size;
  }
  override memory(): { unreliable: boolean } {
    return { unreliable: true };
  }
  override floatPrecision(): 16 | 32 {
    return 32;
  }
  override epsilon(): number {
    return 1e-7;
  }
  override dispose(): void {
    this.#values.clear();
    this.#references.clear();
  }
}

for (const kernelName of [...Object.keys(KERNEL_RULES), tf.Identity]) {
  tf.registerKernel({
    kernelName,
    backendName: RECORDER,
    kernelFunc: ({ inputs, attrs, backend }) => {
      const made = (backend as GraphRecorder).record(kernelName, inputs, attrs ?? {});
      return kernelName === tf.SplitV ? made : made[0]!; // the one kernel here with a list of outputs
    },
  });
}

/** Runs `work` with the recorder as backend, and gives the process its former backend back. */
export async function recordGraph(work: (recorder: GraphRecorder) => RecordedGraph): Promise<RecordedGraph> {
  const former = tf.getBackend();
  const recorder = new GraphRecorder();
  tf.registerBackend(RECORDER, () => recorder);
  await tf.setBackend(RECORDER);
  tf.engine().startScope();
  try {
    return work(recorder);
  } finally {
    tf.engine().endScope();
    if (former) await tf.setBackend(former);
    tf.removeBackend(RECORDER);
  }
}
