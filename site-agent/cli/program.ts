import { Command } from 'commander';
import { addConsole } from './console-commands.js';
import { addData } from './data-commands.js';
import { addMembership } from './membership-commands.js';
import { addModel } from './model-commands.js';
import type { Terminal } from './terminal.js';
import { agentVersion } from './version.js';

/** The whole of `fedoxnet-site`: names and options are part of the product; what they do lies in commands/. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('fedoxnet-site')
    .description("A hospital's side of federated OXnet training: films stay here, sealed updates leave.")
    .version(agentVersion())
    .exitOverride()
    .configureOutput({ writeOut: terminal.out, writeErr: () => undefined })
    .showSuggestionAfterError();
  addMembership(program, terminal);
  addData(program, terminal);
  addModel(program, terminal);
  addConsole(program, terminal);
  return program;
}
