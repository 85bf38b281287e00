import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { studyStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { Bench } from '../bench.js';
import { writeBenchModel } from './bench-model.js';
import { CoordinatorProcess } from './coordinator-process.js';
import { processCpuSeconds, processTreeCpuSeconds } from './cpu-seconds.js';
import { measureSpeed, roundFloor } from './floor.js';
import { planFor } from '../../coordinator/study-of-three-tensors.js';
import { runLightRounds, type LightOptions } from './light/light-round.js';
import { parseRoundOptions, ROUND_USAGE, type RoundOptions } from './round-options.js';
import { SiteProcesses } from './site-processes.js';

const STUDY = 'bench';
const POLL_MS = 1000;
/** Light sites of a process that move data at the same time. */
const LIGHT_AT_ONCE = 4;

export const bench: Bench = {
  name: 'round',
  summary: 'seconds and memory of whole rounds: a coordinator and N site agents on this machine',
  async run(args) {
    const options = parseRoundOptions(args);
    if (options === 'help') {
      process.stderr.write(ROUND_USAGE);
      return {};
    }
    const folder = await mkdtemp(join(tmpdir(), 'fedoxnet-bench-'));
    try {
      return options.light === null
        ? await measure(options, folder)
        : await measureLight({ ...options, processes: options.light, atOnce: LIGHT_AT_ONCE, folder });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

async function measureLight(options: LightOptions): Promise<Record<string, unknown>> {
  const result = await runLightRounds(options, say);
  const { sites, params, rounds, processes } = options;
  const [load = NaN] = loadavg();
  return { light: true, sites, params, rounds, processes, loadAverage: Number(load.toFixed(1)), ...result };
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}

function planOf({ sites, rounds, update }: RoundOptions): StudyPlan {
  const names = Array.from({ length: sites }, (_, index) => `site-${String(index + 1).padStart(4, '0')}`);
  return planFor(STUDY, names, {
    rounds,
    roundDeadlineSeconds: 3600,
    transfer: { update, scales: 'tensor', rounding: 'nearest', errorFeedback: update !== 'fp32' },
  });
}

async function measure(options: RoundOptions, folder: string): Promise<Record<string, unknown>> {
  const plan = planOf(options);
  const model = join(folder, 'model.safetensors');
  await writeBenchModel(model, options.params);
  const speed = await measureSpeed();
  const phases: Record<string, number> = {};
  const coordinator = await CoordinatorProcess.start(join(folder, 'coordinator'), options, (seconds) => {
    for (const [phase, value] of Object.entries(seconds)) phases[phase] = (phases[phase] ?? 0) + value;
  });
  const sites = new SiteProcesses();
  try {
    const operator = await OperatorClient.open(join(folder, 'coordinator'), coordinator.url);
    const { hash } = z.object({ hash: z.string() }).parse(await operator.post('admin/studies', { plan }));
    await operator.putFile(`admin/studies/${STUDY}/model`, model);
    const idleMb = coordinator.peakMb().self;
    for (const [index, site] of plan.sites.entries()) {
      const { invitation } = z
        .object({ invitation: z.string() })
        .parse(await operator.post('admin/invitations', { site }));
      const [home, data] = [join(folder, site, 'home'), join(folder, site, 'data')];
      for (const path of [home, data]) await mkdir(path, { recursive: true });
      const profile = index === 0 ? (options.profile ?? null) : null;
      sites.start({ site, coordinator: coordinator.url, invitation, planHash: hash, home, data }, profile);
    }
    await follow(operator, ({ sites: all }) => all.every(({ connected, approved }) => connected && approved));
    const cpuSeconds = (): number =>
      processTreeCpuSeconds(coordinator.pid) +
      sites.pids.reduce((sum, pid) => sum + processTreeCpuSeconds(pid), 0);
    const cpuBefore = processCpuSeconds(coordinator.pid);
    await operator.post(`admin/studies/${STUDY}/start`);
    const ended = sites.ended();
    ended.catch(() => undefined);
    // CPU time when the second and the last round began: after the end the sites' processes are gone.
    const cpuAt = new Map<number, number>();
    const done = await Promise.race([
      follow(operator, ({ state, history }) => {
        if (!cpuAt.has(history.length)) cpuAt.set(history.length, cpuSeconds());
        return state !== 'running';
      }),
      ended.then(() => follow(operator, ({ state }) => state !== 'running')),
    ]);
    if (done.state !== 'finished') throw new Error(`the study is ${done.state}: ${done.reason}`);
    const coordinatorCpu = processCpuSeconds(coordinator.pid) - cpuBefore;
    const peak = coordinator.peakMb();
    await ended;
    const seconds = secondsOfRounds(done).slice(1);
    const bytes = options.params * 4;
    const cores = availableParallelism();
    const perRound = (total: number): number => Number((total / options.rounds).toFixed(3));
    for (const [phase, total] of Object.entries({ ...phases, ...sites.phases })) {
      say(`${phase.padEnd(24)} ${perRound(total).toFixed(3)} s per round`);
    }
    const floor = roundFloor(speed, options.sites, bytes, cores);
    const cpu = ((cpuAt.get(options.rounds) ?? NaN) - (cpuAt.get(2) ?? NaN)) / (options.rounds - 2);
    const result = {
      sites: options.sites,
      params: options.params,
      update: options.update,
      database: options.databaseUrl === undefined ? 'embedded' : 'server',
      secondsPerRound: median(seconds),
      minSecondsPerRound: Math.min(...seconds),
      roundSeconds: seconds,
      roundPhases: done.history.at(-1)?.seconds,
      coordinatorPeakRssMb: peak.self,
      coordinatorChildPeakRssMb: peak.child,
      coordinatorIdleRssMb: idleMb,
      sitePeakRssMb: Math.round(sites.peakRssMb),
      /** Of all processes together; over the cores, what a round would take on a machine with nothing else to do. */
      cpuSecondsPerRound: Number(cpu.toFixed(2)),
      idealSecondsPerRound: Number((cpu / cores).toFixed(2)),
      coordinatorCpuSecondsPerRound: perRound(coordinatorCpu),
      cores,
      /** Of the last minute: what else ran shows here. */
      loadAverage: Number((loadavg()[0] ?? NaN).toFixed(1)),
      phases: Object.fromEntries(
        Object.entries({ ...phases, ...sites.phases }).map(([phase, total]) => [phase, perRound(total)]),
      ),
      floor: { seconds: Number(floor.toFixed(2)), ...rounded(speed) },
      timesFloor: Number((median(seconds) / floor).toFixed(2)),
    };
    say(
      `round                    ${result.secondsPerRound} s (median of ${seconds.length}, floor ${floor.toFixed(2)} s)`,
    );
    return result;
  } finally {
    sites.kill();
    await coordinator.stop();
  }

  async function follow(
    operator: OperatorClient,
    isThere: (status: StudyStatus) => boolean,
  ): Promise<StudyStatus> {
    for (;;) {
      const status = studyStatus.parse(await operator.get(`studies/${STUDY}/status`));
      if (isThere(status)) return status;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}

/** From the start of one round to the start of the next; the last one to its own end. */
function secondsOfRounds({ history }: StudyStatus): number[] {
  return history.map(({ startedAt, endedAt }, index) => {
    const end = history[index + 1]?.startedAt ?? endedAt ?? startedAt;
    return (Date.parse(end) - Date.parse(startedAt)) / 1000;
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

function rounded<T extends object>(values: T): { [K in keyof T]: number } {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [`${name}MbPerSecond`, Math.round(value as number)]),
  ) as { [K in keyof T]: number };
}
