import { resolve } from 'node:path';
import type { Command } from 'commander';
import { DEFAULT_DATA, readConfig, type ConfigOptions } from '../config.js';
import { print, type OutputOptions } from './output.js';

async function rotate(options: ConfigOptions & OutputOptions): Promise<void> {
  const { dataDir, databaseUrl } = readConfig(options, process.env);
  // Only here, so that the other commands start without the database.
  const { rotateCoordinatorKeys } = await import('../keys/rotate-keys.js');
  const keys = await rotateCoordinatorKeys({ dataDir: resolve(dataDir), databaseUrl });
  print(
    options,
    { data: resolve(dataDir), keys },
    `New keys, announced with the old: signing key ${keys.signKey}. Start the coordinator again; sites follow when they sign in.`,
  );
}

export function addRotateKeys(program: Command): void {
  program
    .command('rotate-keys')
    .description('replace the keys of a coordinator that is not running; sites follow by themselves')
    .option('--data <folder>', `its data folder (FEDOXNET_DATA; default ${DEFAULT_DATA})`)
    .option('--database-url <url>', 'PostgreSQL where it keeps its tables (DATABASE_URL)')
    .option('--json', 'print one JSON document')
    .action(rotate);
}
