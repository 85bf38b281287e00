import { readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { runCommand } from './run-command.mjs';

/**
 * Runs the package's own install script, which downloads an older TensorFlow (2.9) and a ready-made addon. It needs
 * neither Python nor a compiler, but a network and a platform that the package's authors built for.
 * @param {string} tfjs
 * @param {import('./progress.mjs').Progress} progress
 * @throws {Error} whose message completes "because …"
 */
export async function runPackageScript(tfjs, progress) {
  const manifest = join(tfjs, 'package.json');
  const original = readFileSync(manifest);
  const bin = resolve(tfjs, '..', '..', '.bin');
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH'] ?? ''}` };
  try {
    await progress.step("running the package's own install script instead", () =>
      runCommand(process.execPath, [join('scripts', 'install.js'), 'cpu', 'download'], {
        cwd: tfjs,
        env,
        limitSeconds: 180,
      }),
    );
  } catch (error) {
    throw new Error("@tensorflow/tfjs-node-gpu's own download failed", { cause: error });
  } finally {
    // The script rewrites its package.json and restores it only when all goes well.
    writeFileSync(manifest, original);
  }
}
