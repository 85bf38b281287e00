import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { runCommand } from './run-command.mjs';
import { cacheFolder, findCompiler } from './tensorflow-libraries.mjs';

/** The addon looks for its libraries in the package's deps/lib, two folders up, as the package's own build does. */
const FLAGS = [
  '-std=c++17',
  '-O2',
  '-shared',
  '-fPIC',
  '-DNAPI_VERSION=8',
  '-Wl,-rpath,$ORIGIN/../../deps/lib',
];
const LIBRARIES = ['libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'];

/**
 * Compiles the package's own C++ sources against the wheel's headers, or takes an equal earlier result from the cache.
 * @param {string} checkout
 * @param {string} tfjs folder of @tensorflow/tfjs-node-gpu
 * @param {import('./tensorflow-libraries.mjs').TensorFlowLibraries} libraries
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<string>} the compiled addon
 * @throws {Error} whose message completes "because …"
 */
export async function buildAddon(checkout, tfjs, libraries, progress) {
  const nodeHeaders = join(checkout, 'node_modules', 'node-api-headers', 'include');
  const binding = join(tfjs, 'binding');
  const sources = readdirSync(binding)
    .sort()
    .map((name) => join(binding, name));
  const compiler = findCompiler();
  const digest = createHash('sha256').update([process.arch, basename(libraries.folder), ...FLAGS].join('\n'));
  for (const file of sources) digest.update(readFileSync(file));
  const addon = join(cacheFolder(), `tfjs-binding-${digest.digest('hex').slice(0, 16)}.node`);
  if (existsSync(addon)) return addon;

  if (compiler === null) throw new Error('there is no C++ compiler (g++)');
  const tensorflow = join(libraries.folder, 'tensorflow');
  const scratch = mkdtempSync(join(cacheFolder(), 'partial-'));
  try {
    const built = join(scratch, 'tfjs_binding.node');
    await progress.step('compiling the TensorFlow addon', () =>
      runCommand(compiler, [
        ...FLAGS,
        ...[tfjs, nodeHeaders, join(tensorflow, 'include')].map((folder) => `-I${folder}`),
        ...sources.filter((file) => file.endsWith('.cc')),
        `-L${tensorflow}`,
        ...LIBRARIES.map((name) => `-l:${name}`),
        '-o',
        built,
      ]),
    );
    renameSync(built, addon);
  } catch (error) {
    throw new Error('the TensorFlow addon does not compile', { cause: error });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return addon;
}

/**
 * Puts the addon and links to its libraries where the package looks for them, each by one rename, so that a trainer
 * that starts meanwhile sees the old or the new one.
 * @param {string} tfjs
 * @param {import('./tensorflow-libraries.mjs').TensorFlowLibraries} libraries
 * @param {string} addon
 */
export function linkAddon(tfjs, libraries, addon) {
  const deps = join(tfjs, 'deps');
  const modules = join(tfjs, 'lib', 'napi-v8');
  mkdirSync(join(deps, 'lib'), { recursive: true });
  mkdirSync(modules, { recursive: true });
  for (const name of LIBRARIES) link(join(libraries.folder, 'tensorflow', name), join(deps, 'lib', name));
  // The GPU libraries look for CUDA's in $ORIGIN/../nvidia.
  if (libraries.flavour === 'gpu') link(join(libraries.folder, 'nvidia'), join(deps, 'nvidia'));
  const target = join(modules, 'tfjs_binding.node');
  copyFileSync(addon, `${target}.new`);
  renameSync(`${target}.new`, target);
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  rmSync(`${path}.new`, { force: true });
  symlinkSync(target, `${path}.new`);
  renameSync(`${path}.new`, path);
}
