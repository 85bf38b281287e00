import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { z } from 'zod';
import type { ChildProcesses, Program } from './child-processes.js';
import type { Hospital } from './hospitals.js';
import { invite } from './operator.js';
import type { BackendChoice } from './options.js';
import type { OutFolder } from './out-folder.js';
import { readSiteLine, type SiteEvent } from './site-line.js';

const checkout = new URL('../../../', import.meta.url);
const COORDINATOR = fileURLToPath(new URL('coordinator/bin/fedoxnet-coordinator.mjs', checkout));
export const SITE_PROGRAM = fileURLToPath(new URL('site-agent/bin/fedoxnet-site.mjs', checkout));

/** What `serve --json` prints as soon as it can be reached. */
const announcement = z.object({ event: z.literal('listening'), url: z.string() });

/** A running coordinator: its process, where people look, and the operator's access to it. */
export interface RunningCoordinator {
  readonly program: Program;
  readonly address: string;
  /** The dashboard, with the viewer's token in the fragment, which no server gets to see. */
  readonly dashboard: string;
  readonly operator: OperatorClient;
}

/**
 * Starts a coordinator with the embedded database on loopback and waits until it listens.
 * @param port 0 takes any free one
 */
export async function startCoordinator(
  processes: ChildProcesses,
  out: OutFolder,
  port: number,
): Promise<RunningCoordinator> {
  const data = join(out.work, 'coordinator');
  let listen: (url: string) => void = () => undefined;
  const listening = new Promise<string>((resolve) => (listen = resolve));
  const program = processes.start({
    name: 'coordinator',
    args: [COORDINATOR, 'serve', '--json', '--data', data, '--host', '127.0.0.1', '--port', String(port)],
    // A database server named in the environment is somebody's real one: the demo brings its own.
    env: { DATABASE_URL: '' },
    log: out.log('coordinator'),
    onLine: (line) => listen(announcement.parse(JSON.parse(line)).url),
  });
  const address = await Promise.race([listening, processes.failure]);
  const viewer = (await readFile(join(data, 'viewer.token'), 'utf8')).trim();
  const operator = await OperatorClient.open(data, address);
  return { program, address, dashboard: `${address}/#token=${viewer}`, operator };
}

export interface SiteStart {
  readonly hospital: Hospital;
  readonly coordinator: RunningCoordinator;
  /** Hashes of the plans that the hospital's own policy approves. */
  readonly approves: readonly string[];
  readonly backend: BackendChoice;
  /** Share of the cores that the trainer may use. */
  readonly threads: number;
  readonly onEvent: (event: SiteEvent) => void;
}

/** Enrols a hospital with a one-time invitation, writes down what it approves, and starts its agent. */
export async function startSite(
  processes: ChildProcesses,
  out: OutFolder,
  start: SiteStart,
): Promise<Program> {
  const { hospital, coordinator, approves, backend, threads, onEvent } = start;
  const { name, data } = hospital;
  const home = join(out.work, name, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const invitation = await invite(coordinator.operator, name);
  const log = out.log(name);
  await processes.run({
    name: `${name} enroll`,
    args: [
      SITE_PROGRAM,
      'enroll',
      '--coordinator',
      coordinator.address,
      '--invitation',
      invitation,
      '--site',
      name,
      '--home',
      home,
    ],
    log,
  });
  await writeFile(join(home, 'policy.json'), `${JSON.stringify({ approve: approves }, null, 2)}\n`);
  return processes.start({
    name,
    args: [
      SITE_PROGRAM,
      'run',
      '--json',
      '--home',
      home,
      '--data',
      data,
      '--backend',
      backend,
      '--threads',
      String(threads),
    ],
    log,
    onLine: (line) => {
      const event = readSiteLine(line);
      if (event !== null) onEvent(event);
    },
  });
}

/** Threads for each trainer, so that all together do not ask for more cores than there are. */
export function threadsPerSite(sites: number, cores = availableParallelism()): number {
  return Math.max(1, Math.floor(cores / sites));
}
