import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildAddon, linkAddon } from './tensorflow-addon.mjs';
import { COMPILERS, PYTHONS, tensorFlowLibraries } from './tensorflow-libraries.mjs';
import { runPackageScript } from './package-script.mjs';
import { findProgram, runCommand } from './run-command.mjs';

/**
 * @typedef {object} Outcome
 * @property {'native' | 'wasm'} backend what training will run on
 * @property {string | null} reason      why it is not native, as the end of "because …"
 */

/**
 * Gives @tensorflow/tfjs-node-gpu its native half: a current TensorFlow from the Python wheel and the package's own
 * addon compiled against it; else what the package's own install script downloads; else nothing, and training runs
 * on WASM. The outcome is remembered with what it depended on, so that a machine without a compiler is not asked
 * again at each start, and is asked again as soon as it has one.
 * @param {string} checkout
 * @param {import('./progress.mjs').Progress} progress
 * @param {{ retry?: boolean }} options
 * @returns {Promise<Outcome>}
 */
export async function setUpNativeTensorFlow(checkout, progress, { retry = false } = {}) {
  const tfjs = join(checkout, 'node_modules', '@tensorflow', 'tfjs-node-gpu');
  if (!existsSync(join(tfjs, 'package.json'))) {
    return { backend: 'wasm', reason: 'the optional package @tensorflow/tfjs-node-gpu is not installed' };
  }
  const stamp = join(checkout, 'node_modules', '.fedoxnet-native.json');
  const key = dependsOn(tfjs);
  const known = readStamp(stamp);
  if (known?.key === key && isStillThere(known, tfjs) && !(retry && known.backend === 'wasm')) return known;

  /** @type {Outcome} */
  const outcome = await firstThatLoads(checkout, tfjs, progress);
  writeFileSync(stamp, `${JSON.stringify({ ...outcome, key }, null, 2)}\n`);
  return outcome;
}

/**
 * @param {string} checkout
 * @param {string} tfjs folder of the package
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<Outcome>}
 */
async function firstThatLoads(checkout, tfjs, progress) {
  const ways = [
    async () => {
      const libraries = await tensorFlowLibraries(progress);
      linkAddon(tfjs, libraries, await buildAddon(checkout, tfjs, libraries, progress));
    },
    () => runPackageScript(tfjs, progress),
  ];
  /** @type {string[]} */
  const reasons = [];
  for (const way of ways) {
    try {
      await way();
      await progress.step('loading TensorFlow once', () => loadOnce(checkout));
      return { backend: 'native', reason: null };
    } catch (error) {
      reasons.push(error instanceof Error ? error.message : String(error));
    }
  }
  return { backend: 'wasm', reason: reasons.join(', and ') };
}

/**
 * Loads the addon in a process of its own, as a broken one can take its process down, and multiplies two matrices.
 * @param {string} checkout
 */
async function loadOnce(checkout) {
  const program = `
    const tf = require('@tensorflow/tfjs-node-gpu');
    const product = tf.matMul([[1, 2], [3, 4]], [[5], [6]]).dataSync();
    process.exit(product[0] === 17 && product[1] === 39 ? 0 : 1);`;
  try {
    await runCommand(process.execPath, ['-e', program], { cwd: checkout, limitSeconds: 120 });
  } catch (error) {
    throw new Error('the compiled TensorFlow addon does not load', { cause: error });
  }
}

/**
 * All that an outcome depends on and that can be read in a millisecond.
 * @param {string} tfjs
 */
function dependsOn(tfjs) {
  const { version } = /** @type {{ version: string }} */ (
    JSON.parse(readFileSync(join(tfjs, 'package.json'), 'utf8'))
  );
  const parts = [
    version,
    process.arch,
    process.versions.modules,
    ...['tensorflow-cpu.txt', 'tensorflow-gpu.txt'].map((name) =>
      readFileSync(new URL(name, import.meta.url), 'utf8'),
    ),
    ...[PYTHONS, COMPILERS, ['nvidia-smi']].map((names) => String(findProgram(names) !== null)),
  ];
  return createHash('sha256').update(parts.join('\n')).digest('hex');
}

/**
 * @param {string} file
 * @returns {(Outcome & { key: string }) | null}
 */
function readStamp(file) {
  try {
    return /** @type {Outcome & { key: string }} */ (JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/**
 * @param {Outcome} outcome
 * @param {string} tfjs
 */
function isStillThere(outcome, tfjs) {
  if (outcome.backend === 'wasm') return true;
  // existsSync follows links: a cache that was cleared counts as not there.
  return (
    existsSync(join(tfjs, 'lib', 'napi-v8', 'tfjs_binding.node')) &&
    ['libtensorflow_cc.so.2', 'libtensorflow.so.2'].some((name) =>
      existsSync(join(tfjs, 'deps', 'lib', name)),
    )
  );
}
