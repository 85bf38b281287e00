import { runCommandLine } from './cli/command-line.js';

const status = await runCommandLine(process.argv.slice(2), {
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stdout.isTTY === true,
});
// The native backend keeps threads that would hold the process.
process.exit(status);
