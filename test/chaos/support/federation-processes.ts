import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import { repeatableBackend } from '../../support/repeatable-backend.js';
import type { Order } from './fault.js';
import { FrontDoor } from './front-door.js';
import { Program } from './program.js';
import { SITES, STUDY, type Template } from './template.js';

const COORDINATOR = import.meta.resolve('@fedoxnet/coordinator/main');
const SITE = import.meta.resolve('@fedoxnet/site-agent/main');
/** Sites that dial before anyone answers would only pause longer between their tries. */
const START_MS = 30_000;

export interface Ground {
  readonly template: Template;
  /** postgres://…; without it the embedded database is used. */
  readonly databaseUrl?: string;
  /** Where the coordinator's data lies; by default beside the rest. */
  readonly coordinatorFolder?: string;
  /** File beside that folder which may fill the disk, where it is a disk of its own. */
  readonly ballast?: string;
}

/** Coordinator, agents and trainers as processes of their own, each started again when it ends, on a copy of a template. */
export class FederationProcesses {
  readonly programs = new Map<string, Program>();

  private constructor(
    private readonly folder: string,
    private readonly data: string,
    readonly door: FrontDoor,
  ) {}

  static async start(ground: Ground): Promise<FederationProcesses> {
    const { template, databaseUrl, coordinatorFolder, ballast } = ground;
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-trial-'));
    const data = coordinatorFolder ?? join(folder, 'coordinator');
    const door = await FrontDoor.open(() => portOf(addressIn(data)));
    const federation = new FederationProcesses(folder, data, door);
    await template.copy({ homes: folder, coordinator: data }, door.address);
    const database = databaseUrl === undefined ? [] : ['--database-url', databaseUrl];
    const serve = ['serve', '--data', data, '--port', '0', ...database];
    federation.#start('coordinator', COORDINATOR, serve, ballast);
    const backend = await repeatableBackend();
    const end = performance.now() + START_MS;
    while (addressIn(data) === null && performance.now() < end) await sleep(50);
    for (const site of SITES) {
      const places = ['--home', join(folder, site), '--data', template.films(site)];
      federation.#start(site, SITE, ['run', ...places, '--threads', '1', '--json', '--backend', backend]);
    }
    return federation;
  }

  async end(): Promise<void> {
    await Promise.all([...this.programs.values()].map((program) => program.stop()));
    await this.door.close();
    if (process.env['FEDOXNET_CHAOS_KEEP'] === undefined) {
      await rm(this.folder, { recursive: true, force: true });
    } else {
      process.stderr.write(`kept ${this.folder}\n`);
    }
  }

  /** The fault that the processes are to make from now on. */
  async command(order: Order | null): Promise<void> {
    // In one write: a program may read it at any moment, and takes half of it for nothing.
    await writeFile(join(this.folder, 'order'), order === null ? '' : JSON.stringify(order));
  }

  /** How often the ordered faults have happened. */
  marks(id: number): number {
    return readdirSync(this.folder).filter((name) => name.startsWith(`mark ${id} `)).length;
  }

  /** Hits of every failpoint over all processes since the start. */
  async hits(): Promise<Map<string, number>> {
    const hits = new Map<string, number>();
    for (const line of (await readFile(join(this.folder, 'hits'), 'utf8')).split('\n')) {
      const [point = ''] = line.split(' ');
      if (point !== '') hits.set(point, (hits.get(point) ?? 0) + 1);
    }
    return hits;
  }

  /** Null when the coordinator is away. */
  async status(): Promise<StudyStatus | null> {
    const reply = await this.request('GET', `v1/studies/${STUDY}/status`);
    return reply === null ? null : studyStatus.parse(JSON.parse(reply.toString()));
  }

  async startStudy(): Promise<void> {
    await this.request('POST', `v1/admin/studies/${STUDY}/start`);
  }

  /** Releases and states of the optimiser that lie on the coordinator's disk more than once, as `releases/NUMBER`. */
  sealedTwice(): string[] {
    return ['releases', 'states'].flatMap((kind) => {
      const folder = join(this.data, 'blobs', kind, STUDY);
      const numbers = (existsSync(folder) ? readdirSync(folder) : []).map((name) => name.split('-')[0]);
      return numbers
        .filter((number, at) => numbers.indexOf(number) < at)
        .map((number) => `${kind}/${number}`);
    });
  }

  /** SHA-256 of the release's file as the operator downloads it; null when it cannot be read. */
  async release(number: number): Promise<string | null> {
    const file = await this.request('GET', `v1/admin/studies/${STUDY}/releases/${number}/model`);
    return file === null ? null : createHash('sha256').update(file).digest('hex');
  }

  /** Resolves when every agent has told the end of the study. */
  async untilAgentsKnow(seconds: number): Promise<boolean> {
    const knows = async (site: string): Promise<boolean> =>
      (await readFile(join(this.folder, `${site}.log`), 'utf8')).includes('"event":"ended"');
    for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(50)) {
      if ((await Promise.all(SITES.map(knows))).every(Boolean)) return true;
    }
    return false;
  }

  /** Null when the coordinator is away or refuses: the caller asks again. */
  async request(method: string, path: string): Promise<Buffer | null> {
    const address = addressIn(this.data);
    if (address === null) return null;
    try {
      const token = await readFile(join(this.data, 'operator.token'), 'utf8');
      const headers = { authorization: `Bearer ${token.trim()}` };
      const reply = await fetch(`${address}/${path}`, { method, headers });
      return reply.ok ? Buffer.from(await reply.arrayBuffer()) : null;
    } catch {
      return null;
    }
  }

  #start(name: string, entry: string, args: readonly string[], ballast?: string): void {
    const log = join(this.folder, `${name}.log`);
    const arming = { program: name, folder: this.folder, ...(ballast !== undefined && { ballast }) };
    this.programs.set(name, Program.start({ entry, args, log, arming }));
  }
}

/** A stale address is of a coordinator that was killed: nobody answers there. */
function addressIn(data: string): string | null {
  try {
    return readFileSync(join(data, 'coordinator.url'), 'utf8').trim();
  } catch {
    return null;
  }
}

function portOf(address: string | null): number | null {
  return address === null ? null : Number(new URL(address).port);
}
