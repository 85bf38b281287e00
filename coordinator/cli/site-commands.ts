import type { Command } from 'commander';
import { z } from 'zod';
import { openClient, withClientOptions, type ClientOptions } from './client-options.js';
import { print, table } from './output.js';

const invitation = z.object({ site: z.string(), invitation: z.string(), expiresAt: z.string() });
const siteList = z.object({
  sites: z.array(
    z.object({
      site: z.string(),
      enrolledAt: z.string(),
      revokedAt: z.string().nullable(),
      connected: z.boolean(),
    }),
  ),
});

async function invite(site: string, options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  const reply = invitation.parse(await client.post('admin/invitations', { site }));
  print(
    options,
    reply,
    `Invitation for ${reply.site}, good once until ${reply.expiresAt}:\n${reply.invitation}`,
  );
}

async function list(options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  const reply = await client.get('admin/sites');
  const rows = siteList
    .parse(reply)
    .sites.map(({ site, enrolledAt, revokedAt, connected }) => [
      site,
      revokedAt !== null ? 'revoked' : connected ? 'connected' : 'away',
      enrolledAt,
    ]);
  print(options, reply, table(['site', 'state', 'enrolled'], rows));
}

async function revoke(site: string, options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  await client.post(`admin/sites/${encodeURIComponent(site)}/revoke`);
  print(options, { site, revoked: true }, `Site ${site} is shut out.`);
}

export function addSiteCommands(program: Command): void {
  const site = program.command('site').description('invite, list and revoke sites');
  withClientOptions(
    site.command('invite <name>').description('make a one-time invitation; an open one is void'),
  ).action(invite);
  withClientOptions(site.command('list').description('sites that enrolled')).action(list);
  withClientOptions(
    site.command('revoke <name>').description('shut a site out, and void an open invitation'),
  ).action(revoke);
}
