import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'mocha';

const SIMULATE = fileURLToPath(new URL('../../../../deploy/dist/simulate/main.js', import.meta.url));

/** Two hospitals, 64 pixels, a network of width 16: seconds. */
const EXPERIMENT = `
name: small
plan:
  classes: [Effusion, Mass]
  rounds: 3
  model: { size: 64, width: 16, headDepth: 1, levels: [3, 5] }
  training: { localSteps: 4, batch: { box: 2, image: 1, none: 1 }, losses: { teacherFromRound: 2 } }
sites:
  - { name: a, films: { train: 6, heldOut: 3 }, supervision: box }
  - { name: b, films: { train: 6, heldOut: 3 }, scanner: portable, supervision: { Effusion: image } }
seeds: [1]
runs:
  - { name: this, how: federated }
  - { name: pooled, how: pooled, plan: { rounds: 1 } }
evaluation: { every: 2 }
`;

/** As many hospitals and rounds as asked, of a few films each. */
const crowd = (count: number, rounds: number): string => `
name: crowd
plan:
  classes: [Effusion]
  rounds: ${rounds}
  model: { size: 64, width: 16, headDepth: 1, levels: [3, 5] }
  training: { localSteps: 1, batch: { box: 2, image: 0, none: 0 } }
sites:
  - { name: clinic, count: ${count}, films: { train: 2, heldOut: 0 }, supervision: box }
  - { name: judge, films: { train: 0, heldOut: 2 }, supervision: none }
seeds: [1]
runs: [{ name: this, how: federated }]
`;

interface Printed {
  readonly rows: readonly { readonly run: string; readonly seeds: readonly { readonly digest: string }[] }[];
  readonly cells: readonly { readonly cell: string; readonly digests: readonly string[] }[];
}

/** What is kept of a training. */
interface Kept {
  readonly rounds: readonly { readonly digest: string }[];
  readonly evaluations: readonly { readonly all: unknown }[];
}

describe('the simulate command', function () {
  this.timeout(600_000);
  let folder: string;
  let file: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-simulate-'));
    file = join(folder, 'small.yaml');
    await writeFile(file, EXPERIMENT);
  });
  after(() => rm(folder, { recursive: true }));

  function start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [SIMULATE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  }

  async function ended(child: ChildProcess): Promise<{ status: number | null; out: string; err: string }> {
    let [out, err] = ['', ''];
    child.stdout!.on('data', (data: Buffer) => (out += data.toString()));
    child.stderr!.on('data', (data: Buffer) => (err += data.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, out, err };
  }

  async function digests(...args: string[]): Promise<Record<string, readonly string[]>> {
    const { status, out, err } = await ended(start(file, '--json', ...args));
    expect(status, err).to.equal(0);
    const { cells } = JSON.parse(out) as Printed;
    return Object.fromEntries(cells.map((cell) => [cell.cell, cell.digests]));
  }

  let first: Record<string, readonly string[]>;

  it('leaves figures, tables, plots and TensorBoard events', async () => {
    const out = join(folder, 'first');
    first = await digests('--out', out);
    expect(Object.keys(first)).to.deep.equal(['this-seed-1', 'pooled-seed-1']);
    expect(new Set(first['this-seed-1'])).to.have.length(3);
    const names = await readdir(out);
    expect(names).to.include.members(['results.json', 'results.csv', 'results.md', 'runs.png', 'rounds.png']);
    expect(await readdir(join(out, 'tensorboard', 'this-seed-1'))).to.have.length(1);
    const { rows } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as Printed;
    expect(rows[0]!.seeds[0]!.digest).to.equal(first['this-seed-1']!.at(-1));
  });

  it('gives the same releases again, with another number of workers', async () => {
    expect(await digests('--out', join(folder, 'second'), '--workers', '1')).to.deep.equal(first);
  });

  it('goes on after kill −9, at whatever moment, to the same releases', async () => {
    const out = join(folder, 'killed');
    const seed = Date.now() % 1000;
    console.log(`      seed ${seed}`);
    for (let kill = 0; kill < 3; kill++) {
      const child = start(file, '--out', out);
      const gone = once(child, 'close');
      await untilFiles(join(out, kill === 0 ? 'films' : 'cells'));
      await sleep(((seed * (kill + 7)) % 13) * 150);
      child.kill('SIGKILL');
      await gone;
    }
    expect(await digests('--out', out)).to.deep.equal(first);
  });

  it('keeps the releases and scores the last one anew when the held-out films are others', async () => {
    const short = EXPERIMENT.replace('evaluation: { every: 2 }', '').replace('rounds: 3', 'rounds: 1');
    const wider = short.replaceAll('heldOut: 3', 'heldOut: 5');
    expect(wider).not.to.equal(short);
    const run = async (text: string, out: string): Promise<string> => {
      await writeFile(join(folder, 'yardstick.yaml'), text);
      const { status, err } = await ended(start(join(folder, 'yardstick.yaml'), '--out', join(folder, out)));
      expect(status, err).to.equal(0);
      return readFile(join(folder, out, 'cells', 'this-seed-1', 'cell.json'), 'utf8');
    };
    const kept = async (text: string, out: string) => JSON.parse(await run(text, out)) as Kept;
    const before = await kept(short, 'yardstick');
    const after = await kept(wider, 'yardstick');
    const anew = await kept(wider, 'anew');
    // Seconds too: nobody trained.
    expect(after.rounds).to.deep.equal(before.rounds);
    expect(anew.rounds[0]!.digest).to.equal(before.rounds[0]!.digest);
    expect(after.evaluations).to.deep.equal(anew.evaluations);
    expect(after.evaluations[0]!.all).not.to.deep.equal(before.evaluations[0]!.all);
  });

  it('does the job of a worker that dies once more', async () => {
    const out = join(folder, 'orphaned');
    const child = start(file, '--json', '--out', out, '--workers', '1');
    const end = ended(child);
    let workers: number[] = [];
    while (workers.length === 0) {
      await sleep(20);
      workers = await childrenOf(child.pid!);
    }
    process.kill(workers[0]!, 'SIGKILL');
    const { status, out: printed, err } = await end;
    expect(status, err).to.equal(0);
    const { cells } = JSON.parse(printed) as Printed;
    expect(Object.fromEntries(cells.map((cell) => [cell.cell, cell.digests]))).to.deep.equal(first);
    expect(await readFile(join(out, 'workers.log'), 'utf8')).to.contain('A worker was ended by SIGKILL');
  });

  it('keeps a second simulation out of its folder', async () => {
    const out = join(folder, 'taken');
    const child = start(file, '--out', out);
    const gone = once(child, 'close');
    await untilFiles(out);
    while (!(await readdir(out)).includes('simulate.lock')) await sleep(20);
    const { status, err } = await ended(start(file, '--out', out));
    child.kill('SIGKILL');
    await gone;
    expect(status).to.equal(78);
    expect(err).to.match(/^CONFIG_INVALID: --out .*taken cannot be used: .*process \d+/);
  });

  it('lets a hospital wait whose films the stage of the plan leaves out', async () => {
    const path = join(folder, 'staged.yaml');
    const stages = '[{ fromRound: 1, films: [box] }, { fromRound: 3, films: [box, image] }]';
    await writeFile(
      path,
      EXPERIMENT.replace('localSteps: 4,', `localSteps: 4, stages: ${stages},`).replace(
        / {2}- \{ name: pooled.*\n/,
        '',
      ),
    );
    const out = join(folder, 'staged');
    const { status, err } = await ended(start(path, '--out', out));
    expect(status, err).to.equal(0);
    const cell = await readFile(join(out, 'cells', 'this-seed-1', 'cell.json'), 'utf8');
    const { rounds } = JSON.parse(cell) as { rounds: { losses: object; steps: number }[] };
    expect(rounds.map(({ losses }) => Object.keys(losses))).to.deep.equal([['a'], ['a'], ['a', 'b']]);
    expect(rounds.map(({ steps }) => steps)).to.deep.equal([4, 4, 8]);
  });

  it('refuses a robust rule in a round for which too many hospitals wait', async () => {
    const staged = crowd(4, 2)
      .replace(
        '- { name: judge',
        '- { name: late, films: { train: 2, heldOut: 0 }, supervision: image }\n  - { name: judge',
      )
      .replace('localSteps: 1,', 'localSteps: 1, stages: [{ fromRound: 1, films: [box] }],')
      .replace('  training:', '  aggregation: { robust: { rule: krum, hostile: 1 } }\n  training:');
    const path = join(folder, 'outnumbered.yaml');
    await writeFile(path, staged);
    const { status, err } = await ended(start(path, '--out', join(folder, 'outnumbered')));
    expect(status).to.not.equal(0);
    expect(err).to.match(
      /PLAN_INVALID: In round 1 4 hospitals take part, and krum against 1 hostile needs 5/,
    );
  });

  it('refuses what is wrong in one line and makes nothing', async () => {
    const out = join(folder, 'none');
    const cases: [string[], number, RegExp][] = [
      [[], 64, /^USAGE: Name an experiment file\./],
      [[file, '--bogus'], 64, /^USAGE: Unknown option '--bogus'/],
      [[file, '--runs', 'that'], 64, /^USAGE: --runs: the experiment has no run that\./],
      [[file, '--workers', '0'], 64, /^USAGE: --workers must be a whole number of at least 1/],
      [[join(folder, 'absent.yaml')], 66, /^DATA_MISSING: The experiment .*absent\.yaml/],
    ];
    for (const [args, status, line] of cases) {
      const result = await ended(start(...args, '--out', out));
      expect([result.status, result.err.split('\n').filter(Boolean).length]).to.deep.equal([status, 1]);
      expect(result.err).to.match(line);
    }
    expect(await readdir(folder)).not.to.include('none');
  });

  it('takes no more memory for many hospitals than for few', async () => {
    // Both train and send 24 times, so that heap and allocator have had as much to grow by.
    const few = await peakMb(crowd(4, 6), join(folder, 'few'));
    const many = await peakMb(crowd(24, 1), join(folder, 'many'));
    console.log(`      ${few.toFixed(0)} MB for 4 hospitals, ${many.toFixed(0)} MB for 24`);
    // 20 more networks with teacher, optimiser and films open would be 20 × 20 MB.
    expect(many - few).to.be.below(100);
  });

  /** Peak memory of the command and its one worker together. */
  async function peakMb(text: string, out: string): Promise<number> {
    const path = `${out}.yaml`;
    await writeFile(path, text);
    const child = start(path, '--out', out, '--workers', '1');
    const end = ended(child);
    let over = false;
    void end.then(() => (over = true));
    const peaks = new Map<number, number>();
    while (!over) {
      for (const pid of [child.pid!, ...(await childrenOf(child.pid!))]) {
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        const peak = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
        peaks.set(pid, Math.max(peak, peaks.get(pid) ?? 0));
      }
      await sleep(50);
    }
    const { status, err } = await end;
    expect(status, err).to.equal(0);
    return [...peaks.values()].reduce((sum, peak) => sum + peak, 0);
  }
});

async function childrenOf(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}

async function untilFiles(folder: string): Promise<void> {
  while ((await readdir(folder).catch(() => [])).length === 0) await sleep(20);
}
