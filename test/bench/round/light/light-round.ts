import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import { planFor } from '../../../coordinator/study-of-three-tensors.js';
import { writeBenchModel } from '../bench-model.js';
import { CoordinatorProcess } from '../coordinator-process.js';
import { lightReport, probeReport, type LightStart } from './light-messages.js';

export interface LightOptions {
  readonly sites: number;
  readonly params: number;
  readonly rounds: number;
  /** That share the sites. */
  readonly processes: number;
  /** Sites of each process that move data at the same time. */
  readonly atOnce: number;
  readonly databaseUrl: string | undefined;
  /** Folder for a CPU profile of the coordinator. */
  readonly profile?: string | undefined;
  /** A new folder. */
  readonly folder: string;
}

export interface LightResult {
  readonly secondsToConnect: number;
  /** Of each round, from its start to the start of the next. */
  readonly roundSeconds: readonly number[];
  readonly coordinatorPeakRssMb: number;
  readonly coordinatorChildPeakRssMb: number;
  /** Of `site:describe` and its acknowledgement, while rounds ran. */
  readonly controlMs: {
    readonly trips: number;
    readonly p50: number;
    readonly p99: number;
    readonly max: number;
  };
}

const STUDY = 'light';
/** Rarely: to put together the status of a thousand sites is work, too. */
const POLL_MS = 2000;
const entry = (name: string): string => fileURLToPath(new URL(`${name}.js`, import.meta.url));

/** Rounds of a coordinator in a process of its own with sites that are connections and bytes alone. */
export async function runLightRounds(
  options: LightOptions,
  say: (line: string) => void,
): Promise<LightResult> {
  const { folder, params, rounds } = options;
  const model = join(folder, 'model.safetensors');
  await writeBenchModel(model, params);
  const data = join(folder, 'coordinator');
  const coordinator = await CoordinatorProcess.start(
    data,
    { databaseUrl: options.databaseUrl, profile: options.profile },
    () => undefined,
  );
  const children: ChildProcess[] = [];
  try {
    const operator = await OperatorClient.open(data, coordinator.url);
    const names = Array.from(
      { length: options.sites },
      (_, index) => `light-${String(index).padStart(4, '0')}`,
    );
    const plan = planFor(STUDY, names, { rounds, roundDeadlineSeconds: 3600 });
    const { hash } = z.object({ hash: z.string() }).parse(await operator.post('admin/studies', { plan }));
    await operator.putFile(`admin/studies/${STUDY}/model`, model);

    const started = performance.now();
    const probe = new Child(entry('control-probe'), await startOf([`probe`], hash));
    children.push(probe.process);
    await probe.hears('connected');
    const shares = Array.from({ length: options.processes }, (_, index) =>
      names.filter((_name, at) => at % options.processes === index),
    ).filter((share) => share.length > 0);
    const lights: Child[] = [];
    for (const share of shares) lights.push(new Child(entry('light-process'), await startOf(share, hash)));
    children.push(...lights.map((light) => light.process));
    await Promise.all(lights.map((light) => light.hears('connected')));
    const secondsToConnect = (performance.now() - started) / 1000;
    say(`${options.sites} sites connected after ${secondsToConnect.toFixed(1)} s`);

    await operator.post(`admin/studies/${STUDY}/start`);
    const lastWord = probe.ended();
    lastWord.catch(() => undefined); // when something else fails first
    const done = await Promise.race([untilOver(operator), ...lights.map((light) => light.failed)]);
    if (done.state !== 'finished') throw new Error(`the study is ${done.state}: ${done.reason}`);
    const peak = coordinator.peakMb();
    await Promise.all(lights.map((light) => light.ended()));
    probe.process.send('end');
    const { ms } = probeReport.parse(await lastWord);
    return {
      secondsToConnect,
      roundSeconds: secondsOfRounds(done),
      coordinatorPeakRssMb: peak.self,
      coordinatorChildPeakRssMb: peak.child,
      controlMs: quantiles(ms),
    };

    async function startOf(sites: readonly string[], planHash: string): Promise<LightStart> {
      const invited: LightStart['sites'] = [];
      for (const site of sites) {
        const reply = await operator.post('admin/invitations', { site });
        const { invitation } = z.object({ invitation: z.string() }).parse(reply);
        invited.push({ site, invitation, from: addressOf(site) });
      }
      return {
        coordinator: coordinator.url,
        study: STUDY,
        planHash,
        params,
        atOnce: options.atOnce,
        sites: invited,
      };
    }
  } finally {
    for (const child of children) child.kill('SIGKILL');
    await coordinator.stop();
  }
}

/** A process, what it tells, and its end. */
class Child {
  readonly process: ChildProcess;
  readonly #told: unknown[] = [];
  readonly #waiting = new Set<() => void>();
  /** Never resolves; rejects when the process ends badly. */
  readonly failed: Promise<never>;

  constructor(path: string, start: LightStart) {
    this.process = fork(path, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.process.on('message', (message) => {
      this.#told.push(message);
      for (const check of this.#waiting) check();
    });
    this.failed = new Promise((_resolve, reject) => {
      this.process.once('exit', (code) => {
        if (code !== 0) reject(new Error(`${path} ended with status ${code}`));
      });
    });
    this.failed.catch(() => undefined);
    this.process.send(start);
  }

  hears(kind: 'connected' | 'ended'): Promise<unknown> {
    return this.#first((message) => lightReport.safeParse(message).data?.kind === kind);
  }

  /** The word with which it ends. */
  ended(): Promise<unknown> {
    return this.#first((message) => {
      return probeReport.safeParse(message).success || lightReport.safeParse(message).data?.kind === 'ended';
    });
  }

  #first(fits: (message: unknown) => boolean): Promise<unknown> {
    const found = new Promise<unknown>((resolve) => {
      const check = (): void => {
        const message = this.#told.find(fits);
        if (message === undefined) return;
        this.#waiting.delete(check);
        resolve(message);
      };
      this.#waiting.add(check);
      check();
    });
    return Promise.race([found, this.failed]);
  }
}

/** 127.1.0.1 and on, by the number in the site's name; the probe has 127.0.0.1. */
function addressOf(site: string): string {
  const index = /^light-(\d+)$/.exec(site)?.[1];
  if (index === undefined) return '127.0.0.1';
  const number = Number(index);
  return `127.1.${Math.floor(number / 200)}.${1 + (number % 200)}`;
}

async function untilOver(operator: OperatorClient): Promise<StudyStatus> {
  for (;;) {
    const status = studyStatus.parse(await operator.get(`studies/${STUDY}/status`));
    if (status.state !== 'running') return status;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function secondsOfRounds({ history }: StudyStatus): number[] {
  return history.map(({ startedAt, endedAt }, index) => {
    const end = history[index + 1]?.startedAt ?? endedAt ?? startedAt;
    return (Date.parse(end) - Date.parse(startedAt)) / 1000;
  });
}

function quantiles(ms: readonly number[]): LightResult['controlMs'] {
  const sorted = ms.toSorted((a, b) => a - b);
  const at = (share: number): number =>
    Number((sorted[Math.ceil(share * sorted.length) - 1] ?? NaN).toFixed(1));
  return { trips: ms.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}
