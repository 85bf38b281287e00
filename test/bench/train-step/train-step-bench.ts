import { fileURLToPath } from 'node:url';
import { FederationError } from '@fedoxnet/shared/errors';
import type { Bench } from '../bench.js';
import { Contender } from './contender.js';
import type { OpProfile } from './op-profile.js';
import { parseTrainStepOptions, TRAIN_STEP_USAGE, type TrainStepOptions } from './train-step-options.js';
import { CLASSES, matchedRows, type Workload } from './workload.js';

const OUR_STEP = fileURLToPath(new URL('our-step.js', import.meta.url));
const PYTORCH_STEP = fileURLToPath(
  new URL('../../../bench/train-step/pytorch_step.py', import.meta.url), // test/dist/… → test/…
);

export const bench: Bench = {
  name: 'train-step',
  summary:
    'seconds of one training step beside PyTorch and the floor, memory, and the full step beside the detector’s',
  async run(args) {
    const options = parseTrainStepOptions(args);
    if (options === 'help') {
      process.stderr.write(TRAIN_STEP_USAGE);
      return {};
    }
    return await measure(options);
  },
};

async function measure(options: TrainStepOptions): Promise<Record<string, unknown>> {
  const { backbone, size, batch, threads, blocks, steps } = options;
  const load: Workload = { backbone, size, batch, threads, step: 'detector' };
  const ours = await startOurs('detector step', load);
  const full = options.full ? await startOurs('full step', { ...load, step: 'full' }) : null;
  const pytorch = await startPyTorch(options, load);
  const contenders = [ours, full, pytorch].filter((contender) => contender instanceof Contender);
  try {
    for (const { name, description } of contenders) say(`${name}: ${description}`);
    // By turns, so that whatever else the machine does falls on all alike.
    for (let block = 0; block < blocks; block++) {
      for (const contender of contenders) await contender.run(steps);
      say(
        `block ${block + 1} of ${blocks}: ${contenders.map((c) => `${c.name} ${latest(c, steps)}`).join(', ')}`,
      );
    }
    const profile = (await ours.ask('profile')) as OpProfile & { matrixRate: number };
    return report(options, { ours, full, pytorch }, profile);
  } finally {
    for (const contender of contenders) contender.stop();
  }
}

function report(
  { backbone, size, batch, threads }: TrainStepOptions,
  { ours, full, pytorch }: { ours: Contender; full: Contender | null; pytorch: Contender | string },
  profile: OpProfile & { matrixRate: number },
): Record<string, unknown> {
  const flops = profile.ops.reduce((sum, op) => sum + op.flops, 0);
  const floorSeconds = flops / profile.matrixRate / threads;
  const { seconds, cpuSeconds, peakRssMb, parts } = ours.measured;
  sayTable('parts of the detector step, seconds on the wall', Object.entries(parts));
  sayTable('ops of one detector step, seconds of processor', opRows(profile));
  const line: Record<string, unknown> = {
    ...{ backbone, size, batch, threads },
    secondsPerStep: median(seconds),
    secondsPerStepLeast: Math.min(...seconds),
    cpuSecondsPerStep: median(cpuSeconds),
    cpuSecondsPerStepLeast: Math.min(...cpuSeconds),
    imagesPerSecond: batch / median(seconds),
    peakRssMb,
    floorSeconds,
    gigaflops: flops / 1e9,
    gigaflopsPerSecond: profile.matrixRate / 1e9,
    parts,
  };
  if (pytorch instanceof Contender) {
    const other = pytorch.measured;
    Object.assign(line, {
      pytorch: pytorch.description,
      pytorchSecondsPerStep: median(other.seconds),
      pytorchCpuSecondsPerStep: median(other.cpuSeconds),
      pytorchCpuSecondsPerStepLeast: Math.min(...other.cpuSeconds),
      pytorchPeakRssMb: other.peakRssMb,
      ratio: median(other.seconds) / median(seconds),
      // With one thread, processor time leaves out what the machine did for others meanwhile.
      cpuRatio: median(other.cpuSeconds) / median(cpuSeconds),
      cpuRatioLeast: Math.min(...other.cpuSeconds) / Math.min(...cpuSeconds),
    });
    say(
      `PyTorch's time over ours: ${format(line['ratio'])} wall, ${format(line['cpuRatio'])} processor (medians)`,
    );
  } else {
    line['pytorchSkipped'] = pytorch;
  }
  if (full !== null) {
    Object.assign(line, {
      fullSecondsPerStep: median(full.measured.seconds),
      fullCpuSecondsPerStep: median(full.measured.cpuSeconds),
      fullPeakRssMb: full.measured.peakRssMb,
      fullParts: full.measured.parts,
      fullRatio: median(full.measured.seconds) / median(seconds),
      fullCpuRatio: median(full.measured.cpuSeconds) / median(cpuSeconds),
    });
    sayTable('parts of the full step, seconds on the wall', Object.entries(full.measured.parts));
    say(
      `full step over detector step: ${format(line['fullRatio'])} wall, ${format(line['fullCpuRatio'])} processor`,
    );
  }
  say(
    `floor: ${(flops / 1e9).toFixed(0)} GFLOP at ${(profile.matrixRate / 1e9).toFixed(0)} per second and core`,
  );
  return line;
}

async function startOurs(name: string, load: Workload): Promise<Contender> {
  return await Contender.start(name, process.execPath, [OUR_STEP, JSON.stringify(load)], process.env);
}

/** @returns why there is no comparison, where there is none */
async function startPyTorch({ python }: TrainStepOptions, load: Workload): Promise<Contender | string> {
  if (load.backbone === 'tiny') return 'the tiny network is ours alone';
  const told = JSON.stringify({ ...load, classes: CLASSES, rows: matchedRows(load) });
  const environment = { ...process.env, OMP_NUM_THREADS: String(load.threads) };
  try {
    return await Contender.start('PyTorch', python, [PYTORCH_STEP, told], environment);
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
    say(`skipped: ${error.message} (--python PATH names one with torch)`);
    return error.message;
  }
}

function opRows({ ops, stepSeconds }: OpProfile): [string, number, string][] {
  const inOps = ops.reduce((sum, { seconds }) => sum + seconds, 0);
  const rows = ops
    .slice(0, 16)
    .map(({ op, seconds, calls, flops }): [string, number, string] => [
      op,
      seconds,
      `${calls} calls${flops > 0 ? `, ${(flops / seconds / 1e9).toFixed(0)} GFLOP/s` : ''}`,
    ]);
  return [...rows, ['all ops', inOps, ''], ['between ops', stepSeconds - inOps, '']];
}

function latest({ measured }: Contender, steps: number): string {
  return `${median(measured.seconds.slice(-steps)).toFixed(2)} s (processor ${median(measured.cpuSeconds.slice(-steps)).toFixed(2)})`;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)]! + sorted[Math.ceil((sorted.length - 1) / 2)]!) / 2;
}

function format(ratio: unknown): string {
  return (ratio as number).toFixed(2);
}

function sayTable(title: string, rows: readonly (readonly [string, number, string?])[]): void {
  say(`\n${title}`);
  for (const [name, seconds, note = ''] of rows)
    say(`  ${name.padEnd(34)} ${seconds.toFixed(4).padStart(8)}  ${note}`);
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
