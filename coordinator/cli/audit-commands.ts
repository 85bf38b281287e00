import { createReadStream } from 'node:fs';
import type { Command } from 'commander';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { base64Bytes } from '@fedoxnet/shared/ids';
import { verifyAuditFile } from '../audit/audit-file.js';
import { openClient, withClientOptions, type ClientOptions } from './client-options.js';
import { print } from './output.js';

const verdict = z.object({ entries: z.number(), head: z.string(), brokenAt: z.number().nullable() });

async function verify(file: string | undefined, options: ClientOptions & { key?: string }): Promise<void> {
  if (file !== undefined) return verifyFile(file, options);
  const reply = verdict.parse(await (await openClient(options)).get('admin/audit'));
  if (reply.brokenAt !== null) {
    throw new FederationError('DATA_INVALID', `The audit log does not hold from entry ${reply.brokenAt} on.`);
  }
  print(options, reply, `The audit log holds: ${reply.entries} entries, head ${reply.head}`);
}

async function verifyFile(file: string, options: ClientOptions & { key?: string }): Promise<void> {
  if (options.key !== undefined && !base64Bytes(32).safeParse(options.key).success) {
    throw new FederationError('USAGE', `--key ${options.key} is no signing key: 32 bytes in base64.`);
  }
  const pieces: AsyncIterable<string> = createReadStream(file, 'utf8');
  const reply = await verifyAuditFile(pieces, options.key ?? null).catch((cause: unknown) => {
    if (cause instanceof FederationError) throw cause;
    throw new FederationError('DATA_MISSING', `The file ${file} cannot be read.`, { cause });
  });
  const signer =
    options.key === undefined
      ? `signed with ${reply.signKey}: compare it with what the sites pinned`
      : 'signed with the given key';
  print(options, reply, `${file} holds: ${reply.entries} entries, written ${reply.writtenAt}, ${signer}`);
}

async function exportLog(options: ClientOptions & { out: string }): Promise<void> {
  const client = await openClient(options);
  const { bytes } = await client.getFile('admin/audit/file', options.out, { digest: 'none' });
  print(options, { file: options.out, bytes }, `The audit log: ${options.out} (${bytes} bytes)`);
}

export function addAuditCommands(program: Command): void {
  const audit = program.command('audit').description('the log of what happened');
  withClientOptions(
    audit
      .command('verify [file]')
      .description('check the log of the running coordinator, or offline a file that "audit export" wrote')
      .option('--key <key>', "the coordinator's signing key, as sites print it when they enrol"),
  ).action(verify);
  withClientOptions(
    audit
      .command('export')
      .description('write the log as a file that can be checked offline')
      .requiredOption('--out <file>', 'where to'),
  ).action(exportLog);
}
