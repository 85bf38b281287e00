import { Option, type Command } from 'commander';
import { QUARANTINE_REASONS, type QuarantineReason } from '../data/quarantine/findings.js';
import { discard, listQuarantine, release, showQuarantined } from './commands/quarantine.js';
import { finish, type JsonFlag } from './finish.js';
import { dataOption, jsonOption } from './option-values.js';
import type { Terminal } from './terminal.js';

type Options = { readonly data: string } & JsonFlag;

/** `fedoxnet-site quarantine …`: films that were set aside wait for a person's decision. */
export function addQuarantine(program: Command, terminal: Terminal): void {
  const group = program
    .command('quarantine')
    .description('films that were set aside: look, release, discard');
  const command = (name: string, description: string): Command =>
    group
      .command(name)
      .description(description)
      .addOption(dataOption().makeOptionMandatory())
      .addOption(jsonOption());

  command('list', 'all of them, with their reasons')
    .addOption(new Option('--reason <code>', 'only these').choices(Object.keys(QUARANTINE_REASONS)))
    .action(finish(terminal, (options: Options & { reason?: QuarantineReason }) => listQuarantine(options)));
  command('show', 'one film: reasons, advice, picture, where it came from')
    .argument('<id>', "the film's id")
    .action((id: string, options: Options) => finish(terminal, () => showQuarantined(id, options))(options));
  command('release', 'put films into the catalogue after all')
    .argument('<id...>', "the films' ids")
    .action((ids: string[], options: Options) => finish(terminal, () => release(ids, options))(options));
  command('discard', 'delete films; they stay out when they are imported again')
    .argument('<id...>', "the films' ids")
    .action((ids: string[], options: Options) => finish(terminal, () => discard(ids, options))(options));
}
