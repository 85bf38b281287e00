import { setFlagsFromString } from 'node:v8';
import { runProgram } from './cli/program.js';

/*
 * The megabytes of transfers pass through buffers outside of the heap, which V8 counts as its growth: at a heap of 30 MB it
 * would collect everything many times a second. At three times the heap before the next collection it does so rarely.
 */
setFlagsFromString('--heap-growing-percent=200');

process.exitCode = await runProgram(process.argv.slice(2));
