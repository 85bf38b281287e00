import { type Command, Option } from 'commander';
import { DEFAULT_CONSOLE_PORT } from '../console/console.js';
import { approve, refuse } from './commands/approve.js';
import { check } from './commands/check.js';
import { enroll } from './commands/enroll.js';
import { rotateKeys } from './commands/rotate-keys.js';
import { run, type RunOptions } from './commands/run.js';
import { finish, type JsonFlag } from './finish.js';
import {
  backendOption,
  dataOption,
  homeOption,
  jsonOption,
  nameList,
  numberBetween,
  planHashValue,
  portValue,
  threadsOption,
  wholeNumber,
} from './option-values.js';
import type { Terminal } from './terminal.js';

/** The commands that make a site part of a consortium and serve its studies. */
export function addMembership(program: Command, terminal: Terminal): void {
  program
    .command('enroll')
    .description('join a consortium with a one-time invitation; makes the keys of this site')
    .requiredOption('--coordinator <url>', 'address of the coordinator, for example https://host:8443')
    .requiredOption('--invitation <code>', 'the one-time code from the operator')
    .requiredOption('--site <name>', 'name of this site: lower-case letters, digits, hyphens')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, enroll));

  program
    .command('approve')
    .description("show a study's plan and approve it; nothing is computed here before that")
    .argument('<hash>', "the plan's hash, 64 hexadecimal digits", planHashValue)
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action((hash: string, options: { home: string } & JsonFlag) =>
      finish(terminal, () => approve(hash, options))(options),
    );

  program
    .command('refuse')
    .description('refuse a plan, also one that was approved: nothing is computed for it any more')
    .argument('<hash>', "the plan's hash, 64 hexadecimal digits", planHashValue)
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action((hash: string, options: { home: string } & JsonFlag) =>
      finish(terminal, () => refuse(hash, options))(options),
    );

  program
    .command('rotate-keys')
    .description('replace the keys of this site, here and at the coordinator; stop the agent first')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(jsonOption())
    .action(finish(terminal, rotateKeys));

  program
    .command('check')
    .description('say of everything the agent needs whether it is there, and how to mend what is not')
    .addOption(homeOption())
    .addOption(dataOption())
    .option('--coordinator <url>', 'ask this one (default: the one this site enrolled at)')
    .addOption(backendOption())
    .addOption(threadsOption())
    .option(
      '--only <names>',
      'these checks, with commas between them; pacs and decode mean all that begin so',
      nameList,
    )
    .option(
      '--privacy <source>',
      'folder or .zip of DICOM films: search --data, --home and --also for values of their headers',
    )
    .option('--also <path...>', 'with --privacy: logs, recordings of what was sent')
    .option(
      '--films <n>',
      'with --privacy: of at most so many films, evenly spread',
      wholeNumber(1, 5000),
      500,
    )
    .addOption(jsonOption())
    .action(finish(terminal, check));

  program
    .command('run')
    .description('serve the studies this site approved; reconnects and resumes by itself')
    .addOption(homeOption().makeOptionMandatory())
    .addOption(dataOption().makeOptionMandatory())
    .addOption(backendOption())
    .addOption(threadsOption())
    .option('--once', 'end with exit 0 when a study has ended')
    .option(
      '--patience <seconds>',
      'end when there was no connection for this long (default: never)',
      numberBetween(0, 1e7),
    )
    .addOption(
      new Option('--console [port]', 'also serve the site console on 127.0.0.1')
        .argParser(portValue)
        .preset(String(DEFAULT_CONSOLE_PORT)),
    )
    .addOption(
      new Option('--log-level <level>', 'of the log on stderr')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
        .default('info'),
    )
    .option('--json', 'print one JSON line per event on stdout; see agent/README.md')
    .action((options: RunOptions) => run(options, terminal));
}
