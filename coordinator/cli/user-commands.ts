import { Option, type Command } from 'commander';
import { z } from 'zod';
import { ROLES } from '../people/roles.js';
import { openClient, withClientOptions, type ClientOptions } from './client-options.js';
import { print, table } from './output.js';

const invitation = z.object({
  person: z.string(),
  role: z.string(),
  invitation: z.string(),
  link: z.string(),
  expiresAt: z.string(),
});
const personList = z.object({
  people: z.array(
    z.object({ person: z.string(), role: z.string(), state: z.string(), createdAt: z.string() }),
  ),
});

async function invite(person: string, options: ClientOptions & { readonly role: string }): Promise<void> {
  const client = await openClient(options);
  const reply = invitation.parse(await client.post('admin/people', { person, role: options.role }));
  print(
    options,
    reply,
    `${reply.person}, ${reply.role}, chooses a password here, once, until ${reply.expiresAt}:\n${reply.link}`,
  );
}

async function list(options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  const reply = personList.parse(await client.get('admin/people'));
  const rows = reply.people.map(({ person, role, state, createdAt }) => [person, role, state, createdAt]);
  print(options, reply, table(['name', 'role', 'state', 'since'], rows));
}

async function remove(person: string, options: ClientOptions): Promise<void> {
  const client = await openClient(options);
  await client.post(`admin/people/${encodeURIComponent(person)}/remove`);
  print(options, { person, removed: true }, `${person} is shut out.`);
}

export function addUserCommands(program: Command): void {
  const user = program.command('user').description('invite, list and remove people');
  withClientOptions(
    user
      .command('invite <name>')
      .description('let a person in, or give one another role or a new password')
      .addOption(new Option('--role <role>', 'what the person may do').choices(ROLES).makeOptionMandatory()),
  ).action(invite);
  withClientOptions(user.command('list').description('people and their roles')).action(list);
  withClientOptions(user.command('remove <name>').description('shut a person out at once')).action(remove);
}
