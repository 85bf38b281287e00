import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './cli/command-line.js';

/*
 * The megabytes of transfers pass through short-lived buffers outside of the heap, up to 32 MB at a time, which V8 counts as its
 * growth: at an agent's heap of 15 MB it would collect everything many times a second. At six times the heap it waits for
 * garbage of the heap itself.
 */
setFlagsFromString('--heap-growing-percent=500');

const status = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
});
// The native backend keeps threads that would hold the process.
process.exit(status);
