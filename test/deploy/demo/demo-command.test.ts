import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { after, before, describe, it } from 'mocha';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';

const DEMO = fileURLToPath(new URL('../../../../deploy/dist/demo/main.js', import.meta.url));

async function demo(...args: string[]): Promise<{ status: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, [DEMO, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.on('data', (data: Buffer) => (out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (err += data.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, out, err };
}

/** Programs whose command line names `folder`. */
async function programsUsing(folder: string): Promise<string[]> {
  const found = [];
  for (const pid of (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (command.includes(folder)) found.push(command.replaceAll('\0', ' '));
  }
  return found;
}

describe('the demo command', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fedoxnet-demo-'));
  });
  after(() => rm(folder, { recursive: true }));

  it('refuses what is wrong in one line and makes nothing', async () => {
    const out = join(folder, 'none');
    const cases: [string[], number, RegExp][] = [
      [['--bogus'], 64, /^USAGE: Unknown option '--bogus'\. .*--help/],
      [['--preset', 'huge', '--out', out], 64, /^USAGE: --preset huge is not one of tiny\./],
      [['--sites', '5', '--data', folder, '--out', out], 64, /^USAGE: --sites 5/],
      [['--data', join(folder, 'absent'), '--out', out], 66, /^DATA_MISSING: .*manifest\.csv/],
    ];
    for (const [args, status, line] of cases) {
      const result = await demo(...args);
      expect([result.status, result.err.split('\n').filter(Boolean).length], args.join(' ')).to.deep.equal([
        status,
        1,
      ]);
      expect(result.err).to.match(line);
      expect(await readdir(folder)).to.deep.equal([]);
    }
  });

  it('leaves a work folder that it did not make as it is', async () => {
    const out = join(folder, 'mine');
    await mkdir(join(out, 'work'), { recursive: true });
    await writeFile(join(out, 'work', 'thesis.txt'), 'years');
    const { status, err } = await demo('--out', out);
    expect(status).to.equal(78);
    expect(err).to.match(/^CONFIG_INVALID: .*work was not made by this command/);
    expect(await readFile(join(out, 'work', 'thesis.txt'), 'utf8')).to.equal('years');
  });

  it('names the port that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as { port: number };
      const { status, err } = await demo(
        '--out',
        join(folder, 'port'),
        '--port',
        String(port),
        '--sites',
        '2',
      );
      expect(status).to.equal(69);
      expect(err).to.contain('PORT_IN_USE').and.to.contain(String(port));
      expect(await programsUsing(folder)).to.deep.equal([]);
    } finally {
      server.close();
    }
  });

  it('trains, scores and leaves model, pictures and summary, twice in a row', async () => {
    const out = join(folder, 'run');
    await mkdir(out);
    await writeFile(join(out, 'notes.txt'), 'kept');
    for (let run = 0; run < 2; run++) {
      const {
        status,
        out: printed,
        err,
      } = await demo('--out', out, '--sites', '2', '--rounds', '1', '--steps', '2');
      expect(status, err).to.equal(0);
      expect(printed).to.match(/Round 1 of 1: published/);
    }
    const summary = JSON.parse(await readFile(join(out, 'summary.json'), 'utf8')) as {
      classes: string[];
      rounds: {
        round: number;
        bytes: { up: number; down: number };
        counted: string[];
        ap40: { perClass: object };
      }[];
      sites: { name: string; supervision: string }[];
      final: { films: number };
    };
    const [round] = summary.rounds;
    expect(round?.counted).to.deep.equal(['site-a', 'site-b']);
    expect(Object.keys(round?.ap40.perClass ?? {})).to.deep.equal(summary.classes);
    expect(summary.final.films).to.equal(80);

    const model = decodeSafetensors(await readFile(join(out, 'model.safetensors')));
    expect(JSON.parse(model.metadata['classes'] ?? '')).to.deep.equal(summary.classes);
    const weights = [...model.weights.values()].reduce((sum, { values }) => sum + 4 * values.length, 0);
    // Two updates of the whole model went up, sealed: a little more than twice the weights.
    expect(round?.bytes.up).to.be.within(2 * weights, 2.1 * weights);

    for (const picture of ['films.png', 'curves.png', 'losses.png']) {
      const magic = (await readFile(join(out, picture))).subarray(1, 4).toString('latin1');
      expect(magic, picture).to.equal('PNG');
    }
    expect(await readFile(join(out, 'notes.txt'), 'utf8')).to.equal('kept');
    expect(await programsUsing(folder)).to.deep.equal([]);
  }).timeout(600_000);
});
