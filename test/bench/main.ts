import { FederationError } from '@fedoxnet/shared/errors';
import { BENCHES } from './benches.js';

/** `npm run bench -- NAME …`: progress and tables on stderr, one JSON line last on stdout. */
async function main([name = '', ...args]: readonly string[]): Promise<number> {
  const load = BENCHES.get(name);
  if (load === undefined) {
    const asked = name === '' || name === '--help';
    process.stderr.write(`${asked ? '' : `There is no bench "${name}".\n`}${await list()}`);
    return asked ? 0 : 64;
  }
  try {
    const bench = await load();
    process.stdout.write(`${JSON.stringify({ bench: bench.name, ...(await bench.run(args)) })}\n`);
    return 0;
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    process.stderr.write(`${error.line}\n`);
    return error.entry.exit;
  }
}

async function list(): Promise<string> {
  const benches = await Promise.all([...BENCHES.values()].map((load) => load()));
  const lines = benches.map(({ name, summary }) => `  ${name.padEnd(12)} ${summary}\n`);
  return `npm run bench -- NAME [options]   (--help for the options of one)\n${lines.join('')}`;
}

// A native backend keeps threads that would hold the process.
process.exit(await main(process.argv.slice(2)));
