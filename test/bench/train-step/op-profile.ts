import * as tf from '@tensorflow/tfjs-core';

/** Time of one kind of op within a step. */
export interface OpTime {
  readonly op: string;
  readonly calls: number;
  readonly seconds: number;
  /** Multiplications and additions of convolutions and matrix products; 0 for all else. */
  readonly flops: number;
}

export interface OpProfile {
  /** Of the whole step, the calls into the library and what lies between them. */
  readonly stepSeconds: number;
  readonly ops: readonly OpTime[];
}

interface NativeBackend {
  executeSingleOutput(name: string, attributes: unknown, inputs: tf.TensorInfo[]): tf.TensorInfo;
  executeMultipleOutputs(
    name: string,
    attributes: unknown,
    inputs: tf.TensorInfo[],
    count: number,
  ): tf.TensorInfo[];
}

/** Runs `step` once with a clock (processor time of this process) around every op that the native backend executes. */
export function profileOps(step: () => void): OpProfile {
  const backend = tf.backend() as unknown as NativeBackend;
  const times = new Map<string, { calls: number; seconds: number; flops: number }>();
  const timed = <T extends tf.TensorInfo | tf.TensorInfo[]>(
    name: string,
    inputs: readonly tf.TensorInfo[],
    run: () => T,
  ): T => {
    const started = processorSeconds();
    const output = run();
    const seconds = processorSeconds() - started;
    const first: tf.TensorInfo | undefined = Array.isArray(output) ? output[0] : (output as tf.TensorInfo);
    const time = times.get(name) ?? { calls: 0, seconds: 0, flops: 0 };
    time.calls++;
    time.seconds += seconds;
    time.flops += first === undefined ? 0 : flopsOf(name, inputs, first);
    times.set(name, time);
    return output;
  };
  const single = backend.executeSingleOutput.bind(backend);
  const multiple = backend.executeMultipleOutputs.bind(backend);
  backend.executeSingleOutput = (name, attributes, inputs) =>
    timed(name, inputs, () => single(name, attributes, inputs));
  backend.executeMultipleOutputs = (name, attributes, inputs, count) =>
    timed(name, inputs, () => multiple(name, attributes, inputs, count));
  const started = processorSeconds();
  try {
    step();
  } finally {
    Object.assign(backend, { executeSingleOutput: single, executeMultipleOutputs: multiple });
  }
  const ops = [...times].map(([op, time]) => ({ op, ...time }));
  return { stepSeconds: processorSeconds() - started, ops: ops.sort((a, b) => b.seconds - a.seconds) };
}

/** Highest rate of a matrix product of 1,024² by 1,024², in operations per second of processor time. */
export function matrixRate(side = 1024, repeats = 12): number {
  return tf.tidy(() => {
    const [a, b] = [tf.randomNormal([side, side]), tf.randomNormal([side, side])];
    let best = Infinity;
    for (let i = 0; i < repeats; i++) {
      const started = processorSeconds();
      tf.matMul(a, b).dispose();
      best = Math.min(best, processorSeconds() - started);
    }
    return (2 * side ** 3) / best;
  });
}

function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** 2 · multiplications of an op, from its name and shapes. */
function flopsOf(name: string, inputs: readonly tf.TensorInfo[], output: tf.TensorInfo): number {
  const cells = (map: tf.TensorInfo) => map.shape[0]! * map.shape[1]! * map.shape[2]!;
  const size = (tensor: tf.TensorInfo) => tensor.shape.reduce((product, side) => product * side, 1);
  if (/Conv2DBackpropInput/.test(name)) return 2 * cells(inputs[2]!) * size(inputs[1]!);
  if (/Conv2DBackpropFilter/.test(name)) return 2 * cells(inputs[2]!) * size(output);
  if (/Conv2D/.test(name)) return 2 * cells(output) * size(inputs[1]!);
  if (/MatMul/.test(name)) {
    // [m, k] by [k, n]: √(mk · kn · mn) = m k n.
    const product = size(inputs[0]!) * size(inputs[1]!) * size(output);
    return (
      2 *
      Math.sqrt(
        product /
          Math.max(
            1,
            output.shape.slice(0, -2).reduce((p, s) => p * s, 1),
          ),
      )
    );
  }
  return 0;
}
