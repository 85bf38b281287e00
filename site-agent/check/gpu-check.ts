import { execFile } from 'node:child_process';
import { readdir, realpath } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { BackendWish } from '../backend/select-backend.js';
import { failed, passed, skipped, type Check } from './check.js';

const run = promisify(execFile);

/** What TensorFlow 2.21 opens on a GPU. */
const CUDA_LIBRARIES = [
  'libcudart.so.12',
  'libcublas.so.12',
  'libcublasLt.so.12',
  'libcudnn.so.9',
  'libcufft.so.11',
  'libcusolver.so.11',
  'libcusparse.so.12',
  'libnvJitLink.so.12',
] as const;
const QUERY = ['--query-gpu=name,driver_version,memory.total', '--format=csv,noheader'];

/** Whether a GPU could be used, with driver and the libraries that are missing. Without one nothing is wrong, unless it is wanted. */
export function gpuCheck(wish: BackendWish): Check {
  return {
    name: 'gpu',
    title: 'GPU',
    async run() {
      let listed: string;
      try {
        listed = (await run('nvidia-smi', QUERY, { timeout: 20_000 })).stdout.trim();
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' && wish !== 'gpu') return skipped('no NVIDIA driver; the CPU is used');
        const says = code === 'ENOENT' ? 'nvidia-smi is not there' : message.trim().split('\n').at(-1)!;
        return failed(says, 'Install or mend the NVIDIA driver, or use --backend cpu.');
      }
      if (listed === '')
        return failed('the driver lists no GPU', 'Check the card and its power, or use --backend cpu.');
      const there = await librariesThere();
      const missing = CUDA_LIBRARIES.filter((name) => !there.has(name));
      const cards = listed.split('\n').join('; ');
      return missing.length === 0
        ? passed(cards)
        : failed(
            `${cards}; missing ${missing.join(', ')}`,
            'Run "npm run setup" on this machine: it fetches the libraries.',
          );
    },
  };
}

/** Names of the libraries that the loader, or TensorFlow beside its own, would find. */
async function librariesThere(): Promise<ReadonlySet<string>> {
  const folders = [...addonFolders(), ...(process.env['LD_LIBRARY_PATH'] ?? '').split(':').filter(Boolean)];
  const lists = await Promise.all(folders.map((folder) => readdir(folder).catch(() => [])));
  const nvidia = await Promise.all(folders.map(besideTensorFlow));
  const cached = await run('ldconfig', ['-p']).catch(() => ({ stdout: '' }));
  const known = [...cached.stdout.matchAll(/^\s*(\S+\.so\S*) /gm)].map(([, name]) => name!);
  return new Set([...lists.flat(), ...nvidia.flat(), ...known]);
}

/** Where the set-up puts TensorFlow's own libraries. */
function addonFolders(): string[] {
  try {
    const require = createRequire(import.meta.url);
    return [join(dirname(require.resolve('@tensorflow/tfjs-node-gpu/package.json')), 'deps', 'lib')];
  } catch {
    return [];
  }
}

/** The links in deps/lib lead to …/tensorflow/libtensorflow_cc.so.2; CUDA's lie in …/nvidia/<part>/lib. */
async function besideTensorFlow(folder: string): Promise<string[]> {
  const library = await realpath(join(folder, 'libtensorflow_cc.so.2')).catch(() => null);
  if (library === null) return [];
  const root = join(dirname(library), '..', 'nvidia');
  const parts = await readdir(root).catch(() => []);
  return (await Promise.all(parts.map((part) => readdir(join(root, part, 'lib')).catch(() => [])))).flat();
}
