/**
 * Makes a fresh clone ready: `npm run setup`, and the first thing that `npm run demo`, `npm test` and `npm run check`
 * call (`.npmrc` switches npm's own pre-hooks off together with all install scripts). Plain JavaScript on Node's own
 * modules, because nothing is installed yet. A step that has nothing to do costs milliseconds.
 *
 *   --quiet   say nothing unless something is done
 *   --retry   try the native TensorFlow again even if the last attempt ended without it
 */
import { fileURLToPath } from 'node:url';
import { requireNode } from './setup/node-version.mjs';

requireNode();
const { compileSources } = await import('./setup/compile.mjs');
const { setUpNativeTensorFlow } = await import('./setup/native-tensorflow.mjs');
const { installPackages } = await import('./setup/packages.mjs');
const { Progress } = await import('./setup/progress.mjs');
const { withSetupLock } = await import('./setup/setup-lock.mjs');

const checkout = fileURLToPath(new URL('..', import.meta.url));
const options = new Set(process.argv.slice(2));
const progress = new Progress(process.stderr, { quiet: options.has('--quiet') });

try {
  const native = await withSetupLock(checkout, progress, async () => {
    await installPackages(checkout, progress);
    await compileSources(checkout, progress);
    return setUpNativeTensorFlow(checkout, progress, { retry: options.has('--retry') });
  });
  progress.finish(native);
} catch (error) {
  progress.fail(error);
  process.exitCode = 69; // EX_UNAVAILABLE, as NOT_SET_UP in shared/errors.ts
}
