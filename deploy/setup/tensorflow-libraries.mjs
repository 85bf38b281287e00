import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram, runCommand } from './run-command.mjs';

const VERSION = '2.21.0';
export const PYTHONS = ['python3', 'python'];
export const COMPILERS = ['g++', 'c++', 'clang++'];

/** What is kept of a wheel: two libraries, the C headers, and CUDA's libraries where the wheel is one of theirs. */
const UNPACK = String.raw`
import re, sys, zipfile, glob
keep = re.compile(r'tensorflow/libtensorflow_(cc|framework)\.so\.2$'
                  r'|tensorflow/include/(tensorflow/c|tensorflow/core/platform|tsl/platform|xla/tsl/c)/.*\.h$'
                  r'|nvidia/[^/]+/lib/[^/]+\.so[.0-9]*$')
for wheel in glob.glob(sys.argv[1] + '/*.whl'):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if keep.match(name):
                archive.extract(name, sys.argv[2])
`;

/**
 * @typedef {object} TensorFlowLibraries
 * @property {string} folder holds tensorflow/ and, for a GPU, nvidia/
 * @property {'cpu' | 'gpu'} flavour
 */

/**
 * Folder of TensorFlow's C library and headers, fetched with pip and unpacked on first use. All checkouts of a user
 * share it (850 MB). It appears by one rename, so an interrupted set-up leaves nothing that looks whole.
 * @param {import('./progress.mjs').Progress} progress
 * @returns {Promise<TensorFlowLibraries>}
 * @throws {Error} whose message completes "because …"
 */
export async function tensorFlowLibraries(progress) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(`there is no pinned TensorFlow wheel for ${process.platform} on ${process.arch}`);
  }
  const flavour = (await hasGpu()) ? 'gpu' : 'cpu';
  const folder = join(cacheFolder(), `tensorflow-${VERSION}-${flavour}`);
  if (!existsSync(folder)) {
    const python = findProgram(PYTHONS);
    if (python === null) throw new Error('python3 is not installed');
    // Without a compiler the libraries are of no use: say so before 260 MB are fetched.
    if (findCompiler() === null) throw new Error('there is no C++ compiler (g++)');
    mkdirSync(cacheFolder(), { recursive: true });
    const scratch = mkdtempSync(join(cacheFolder(), 'partial-'));
    try {
      await fetchWheels(python, flavour, scratch, progress);
      const unpacked = join(scratch, 'unpacked');
      await progress.step('unpacking TensorFlow', () =>
        runCommand(python, ['-c', UNPACK, scratch, unpacked]),
      );
      if (!existsSync(folder)) renameSync(unpacked, folder);
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }
  return { folder, flavour };
}

/** The program that compiles the addon; null when the machine has none. */
export function findCompiler() {
  const chosen = process.env['CXX'];
  return findProgram(chosen === undefined || chosen === '' ? COMPILERS : [chosen, ...COMPILERS]);
}

/** What is fetched or compiled once for all checkouts of this user. */
export function cacheFolder() {
  const chosen = process.env['FEDOXNET_CACHE'];
  if (chosen !== undefined && chosen !== '') return chosen;
  const caches = process.env['XDG_CACHE_HOME'];
  return join(caches !== undefined && caches !== '' ? caches : join(homedir(), '.cache'), 'fedoxnet');
}

/**
 * @param {string} python
 * @param {'cpu' | 'gpu'} flavour
 * @param {string} into
 * @param {import('./progress.mjs').Progress} progress
 */
async function fetchWheels(python, flavour, into, progress) {
  const size = flavour === 'cpu' ? '260 MB' : '3 GB';
  const pins = fileURLToPath(new URL(`tensorflow-${flavour}.txt`, import.meta.url));
  // The wheel is named by the Python it is for, which need not be the one that fetches it: nothing here runs Python code.
  const wheel = ['--no-deps', '--python-version', '3.11', '--only-binary=:all:', '--require-hashes'];
  try {
    await progress.step(`fetching TensorFlow ${VERSION} for the ${flavour.toUpperCase()} (${size})`, () =>
      runCommand(python, [
        '-m',
        'pip',
        'download',
        '--quiet',
        '--retries',
        '2',
        ...wheel,
        '-r',
        pins,
        '-d',
        into,
      ]),
    );
  } catch (error) {
    const output = error instanceof Error && 'output' in error ? String(error.output) : '';
    const reason = output.includes('No module named pip')
      ? 'pip is not installed'
      : 'pip could not fetch the TensorFlow wheel';
    throw new Error(reason, { cause: error });
  }
}

/** True when a working NVIDIA driver lists at least one GPU. */
async function hasGpu() {
  const program = findProgram(['nvidia-smi']);
  if (program === null) return false;
  try {
    return (await runCommand(program, ['-L'], { limitSeconds: 20 })).includes('GPU ');
  } catch {
    return false;
  }
}
