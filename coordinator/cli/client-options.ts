import type { Command } from 'commander';
import { dataFolder, DEFAULT_DATA } from '../config.js';
import { OperatorClient } from './operator-client.js';
import type { OutputOptions } from './output.js';

export interface ClientOptions extends OutputOptions {
  readonly data?: string;
  readonly url?: string;
}

/** Options of every command that speaks to a running coordinator. */
export function withClientOptions(command: Command): Command {
  return command
    .option('--data <folder>', `data folder of the coordinator (FEDOXNET_DATA; default ${DEFAULT_DATA})`)
    .option('--url <url>', 'where it listens; by default what it wrote into its data folder')
    .option('--json', 'print one JSON document');
}

export function openClient(options: ClientOptions): Promise<OperatorClient> {
  return OperatorClient.open(dataFolder(options, process.env), options.url);
}
