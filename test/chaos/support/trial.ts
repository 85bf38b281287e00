import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { Fault } from './fault.js';
import { FrontDoor, type ChunkPassage, type LineFault } from './front-door.js';
import { Program, type Ending } from './program.js';
import { ROUNDS, SITES, STUDY, type Template } from './template.js';

const COORDINATOR = import.meta.resolve('@fedoxnet/coordinator/main');
const SITE = import.meta.resolve('@fedoxnet/site-agent/main');

export interface TrialOptions {
  /** What one of the processes does to itself; a fault of agent or trainer happens at the first site. */
  readonly fault?: Fault;
  readonly line?: LineFault;
  /** postgres://…; without it the embedded database is used. */
  readonly databaseUrl?: string;
  /** Where the coordinator's data lies; by default in the trial's own folder. */
  readonly coordinatorFolder?: string;
  /** Called every tenth of a second with the latest status. */
  readonly meanwhile?: (status: StudyStatus | null) => Promise<void>;
  readonly seconds?: number;
}

/** What is left of a study when it is over, and how it got there. */
export interface Outcome {
  readonly state: StudyStatus['state'] | 'not finished';
  readonly reason: string | null;
  /** SHA-256 of each release's file, from the initial model on, as the operator downloads it. */
  readonly releases: readonly string[];
  /** One text per round and site: what it was counted with. */
  readonly participation: readonly string[];
  readonly auditHolds: boolean;
  /** How often the fault happened. */
  readonly faults: number;
  /** Hits of every failpoint over all processes. */
  readonly hits: ReadonlyMap<string, number>;
  readonly chunks: readonly ChunkPassage[];
  readonly cuts: number;
  readonly endings: Readonly<Record<string, readonly Ending[]>>;
  /** From the coordinator's death to its first answer, ms; null when it did not die. */
  readonly recoveryMs: number | null;
  readonly seconds: number;
}

/** Runs one study from its start to its end with real processes, and a fault on the way. */
export async function runTrial(template: Template, options: TrialOptions = {}): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-trial-'));
  const trial = new Trial(folder, template, options);
  try {
    return await trial.run();
  } finally {
    await trial.end();
    if (process.env['FEDOXNET_CHAOS_KEEP'] === undefined) await rm(folder, { recursive: true, force: true });
    else process.stderr.write(`kept ${folder}\n`);
  }
}

class Trial {
  readonly #programs = new Map<string, Program>();
  #door: FrontDoor | null = null;
  #recoveryMs: number | null = null;
  readonly #data: string;

  constructor(
    private readonly folder: string,
    private readonly template: Template,
    private readonly options: TrialOptions,
  ) {
    this.#data = options.coordinatorFolder ?? join(folder, 'coordinator');
  }

  async run(): Promise<Outcome> {
    const started = performance.now();
    await mkdir(join(this.folder, 'marks'));
    const door = await FrontDoor.open(() => this.#port(), this.options.line);
    this.#door = door;
    await this.template.copy(this.folder, door.address);
    this.#start('coordinator', COORDINATOR, [
      'serve',
      '--data',
      this.#data,
      '--port',
      '0',
      ...(this.options.databaseUrl === undefined ? [] : ['--database-url', this.options.databaseUrl]),
    ]);
    for (const site of SITES) {
      const places = ['--home', join(this.folder, site), '--data', this.template.films(site)];
      this.#start(site, SITE, ['run', ...places, '--threads', '1', '--json', '--backend', 'cpu']);
    }
    const deadline = started + (this.options.seconds ?? 120) * 1000;
    let status: StudyStatus | null = null;
    while (status?.state !== 'finished' && performance.now() < deadline) {
      status = await this.#status();
      this.#watchRecovery(status !== null);
      if (status?.state === 'created') await this.#operator('POST', `studies/${STUDY}/start`);
      await this.options.meanwhile?.(status);
      if (status?.state === 'paused') break;
      await sleep(100);
    }
    const finished = status?.state === 'finished';
    if (finished) await this.#untilAgentsKnow(deadline);
    return {
      state: finished ? 'finished' : (status?.state ?? 'not finished'),
      reason: status?.reason ?? null,
      releases: finished ? await this.#releases() : [],
      participation: (status?.history ?? []).flatMap(participationOf),
      auditHolds: finished && (await this.#auditHolds()),
      faults: (await readdir(join(this.folder, 'marks'))).length,
      hits: await this.#hits(),
      chunks: door.chunks,
      cuts: door.cuts,
      endings: Object.fromEntries([...this.#programs].map(([name, { endings }]) => [name, [...endings]])),
      recoveryMs: this.#recoveryMs,
      seconds: (performance.now() - started) / 1000,
    };
  }

  async end(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.stop()));
    await this.#door?.close();
  }

  #start(name: string, entry: string, args: readonly string[]): void {
    const { fault } = this.options;
    const owner = fault?.point.startsWith('coordinator.') === true ? 'coordinator' : SITES[0];
    this.#programs.set(
      name,
      Program.start({
        entry,
        args,
        log: join(this.folder, `${name}.log`),
        arming: {
          log: join(this.folder, 'hits'),
          marks: join(this.folder, 'marks'),
          fault: name === owner ? (fault ?? null) : null,
        },
      }),
    );
  }

  /** A stale address is of a coordinator that was killed: nobody answers there. */
  #address(): string | null {
    try {
      return readFileSync(join(this.#data, 'coordinator.url'), 'utf8').trim();
    } catch {
      return null;
    }
  }

  #port(): number | null {
    const address = this.#address();
    return address === null ? null : Number(new URL(address).port);
  }

  #watchRecovery(answers: boolean): void {
    const died = this.#programs.get('coordinator')?.endings.at(-1);
    if (answers && died !== undefined) this.#recoveryMs ??= performance.now() - died.at;
  }

  async #status(): Promise<StudyStatus | null> {
    const reply = await this.#request('GET', `v1/studies/${STUDY}/status`);
    return reply === null ? null : studyStatus.parse(JSON.parse(reply.toString()));
  }

  #operator(method: string, path: string): Promise<Buffer | null> {
    return this.#request(method, `v1/admin/${path}`);
  }

  /** Null when the coordinator is away or refuses: the caller asks again. */
  async #request(method: string, path: string): Promise<Buffer | null> {
    const address = this.#address();
    if (address === null) return null;
    try {
      const token = await readFile(join(this.#data, 'operator.token'), 'utf8');
      const headers = { authorization: `Bearer ${token.trim()}` };
      const reply = await fetch(`${address}/${path}`, { method, headers });
      return reply.ok ? Buffer.from(await reply.arrayBuffer()) : null;
    } catch {
      return null;
    }
  }

  async #releases(): Promise<string[]> {
    const digests: string[] = [];
    for (let number = 0; number <= ROUNDS; number++) {
      const file = await this.#operator('GET', `studies/${STUDY}/releases/${number}/model`);
      digests.push(file === null ? 'cannot be read' : createHash('sha256').update(file).digest('hex'));
    }
    return digests;
  }

  async #auditHolds(): Promise<boolean> {
    const reply = await this.#operator('GET', 'audit');
    return reply !== null && (JSON.parse(reply.toString()) as { brokenAt: unknown }).brokenAt === null;
  }

  async #untilAgentsKnow(deadline: number): Promise<void> {
    const knows = async (site: string): Promise<boolean> =>
      (await readFile(join(this.folder, `${site}.log`), 'utf8')).includes('"event":"ended"');
    while (performance.now() < deadline) {
      if ((await Promise.all(SITES.map(knows))).every(Boolean)) return;
      await sleep(50);
    }
  }

  async #hits(): Promise<Map<string, number>> {
    const hits = new Map<string, number>();
    const lines = (await readFile(join(this.folder, 'hits'), 'utf8')).split('\n');
    for (const line of lines) {
      const [point = ''] = line.split(' ');
      if (point !== '') hits.set(point, (hits.get(point) ?? 0) + 1);
    }
    return hits;
  }
}

function participationOf({ round, sites }: StudyStatus['history'][number]): string[] {
  return sites.map(({ site, state, masses, uploadBytes }) =>
    JSON.stringify([round, site, state, masses, uploadBytes]),
  );
}
