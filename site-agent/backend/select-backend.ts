import * as tf from '@tensorflow/tfjs-core';
import { FederationError } from '@fedoxnet/shared/errors';
import { setNativeEnvironment } from './native-environment.js';
import { registerNativeKernels } from './native-kernels/register.js';
import { registerWasmKernels } from './wasm-kernels/register.js';

export type BackendWish = 'auto' | 'gpu' | 'cpu' | 'wasm';

export interface Backend {
  readonly name: 'gpu' | 'cpu' | 'wasm';
  /** For people: what computes, with how many threads. */
  readonly description: string;
  /** One sentence when `auto` had to fall back to WASM: why, and what that means. */
  readonly warning?: string;
}

export interface BackendOptions {
  /** Threads of the native backend on the CPU; one per core when left out. Counts only before the first load. */
  readonly threads?: number;
}

/**
 * Makes one backend the engine of `@tensorflow/tfjs-core` for this process: the native library on a GPU or the CPU,
 * else WebAssembly. Call it once, before the first tensor.
 *
 * Everything of ours imports ops from `@tensorflow/tfjs-core`. In Node that name resolves, for `import` and `require`
 * alike, to its one CommonJS bundle, so ours is the instance that the backends register with; never import a file
 * under its `dist/`, which would be a second instance without kernels.
 * @throws {FederationError} `BACKEND_UNAVAILABLE` when the wish cannot be met; `auto` always can.
 */
export async function selectBackend(wish: BackendWish, options: BackendOptions = {}): Promise<Backend> {
  if (wish === 'wasm') return await loadWasm();
  setNativeEnvironment(process.env, wish, options.threads);
  try {
    await loadNative();
  } catch (cause) {
    const reason = firstLine(cause);
    if (wish !== 'auto') {
      const message = `The native TensorFlow library does not load (${reason}).`;
      throw new FederationError('BACKEND_UNAVAILABLE', message, { cause });
    }
    const warning = `The native TensorFlow library does not load (${reason}); WebAssembly is used, about five times slower.`;
    return { ...(await loadWasm()), warning };
  }
  const onGpu = (tf.backend() as unknown as { readonly isUsingGpuDevice: boolean }).isUsingGpuDevice;
  if (wish === 'gpu' && !onGpu) {
    throw new FederationError('BACKEND_UNAVAILABLE', 'TensorFlow finds no GPU.');
  }
  if (onGpu) return { name: 'gpu', description: 'native TensorFlow on a GPU' };
  const threads = process.env['TF_NUM_INTRAOP_THREADS'] ?? 'one per core';
  return { name: 'cpu', description: `native TensorFlow on the CPU, threads: ${threads}` };
}

async function loadNative(): Promise<void> {
  await import('@tensorflow/tfjs-node-gpu');
  await use('tensorflow');
  registerNativeKernels();
}

/** The union package brings the gradients, which the bundle of tfjs-core alone does not register. */
async function loadWasm(): Promise<Backend> {
  try {
    await import('@tensorflow/tfjs');
    await import('@tensorflow/tfjs-backend-wasm');
    await use('wasm');
  } catch (cause) {
    const message = `The WebAssembly backend does not load (${firstLine(cause)}).`;
    throw new FederationError('BACKEND_UNAVAILABLE', message, { cause });
  }
  registerWasmKernels();
  return { name: 'wasm', description: 'WebAssembly on the CPU, one thread' };
}

async function use(name: string): Promise<void> {
  if (!(await tf.setBackend(name))) throw new Error(`backend ${name} did not start`);
  await tf.ready();
}

function firstLine(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause);
  return text.split('\n', 1)[0]!.trim().replace(/\.$/, '');
}
