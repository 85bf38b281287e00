import { setFlagsFromString } from 'node:v8';
import { runCommandLine } from './cli/command-line.js';

/*
 * The megabytes of transfers pass through buffers outside of the heap, which V8 counts as its growth: at a heap of 30 MB it
 * would collect everything many times a second. At three times the heap before the next collection it does so rarely.
 */
setFlagsFromString('--heap-growing-percent=200');

const status = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
});
// The native backend keeps threads that would hold the process.
process.exit(status);
