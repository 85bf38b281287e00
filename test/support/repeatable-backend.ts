import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';

/**
 * The fastest backend of this machine that repeats its results bit for bit, which a GPU does not: native CPU, or WebAssembly
 * where the native library does not load.
 */
export async function repeatableBackend(): Promise<'cpu' | 'wasm'> {
  const { name } = await selectBackend('auto', { threads: 1 });
  return name === 'wasm' ? 'wasm' : 'cpu';
}
