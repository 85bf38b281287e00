import type { Command } from 'commander';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { openClient, withClientOptions, type ClientOptions } from './client-options.js';
import { print } from './output.js';

const verdict = z.object({ entries: z.number(), head: z.string(), brokenAt: z.number().nullable() });

async function verify(options: ClientOptions): Promise<void> {
  const reply = verdict.parse(await (await openClient(options)).get('admin/audit'));
  if (reply.brokenAt !== null) {
    throw new FederationError('DATA_INVALID', `The audit log does not hold from entry ${reply.brokenAt} on.`);
  }
  print(options, reply, `The audit log holds: ${reply.entries} entries, head ${reply.head}`);
}

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the log of what happened');
  withClientOptions(audit.command('verify').description('check the chain of the log')).action(verify);
}
