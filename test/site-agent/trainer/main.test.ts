import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { trainerEvent, type TrainerCommand, type TrainerEvent } from '@fedoxnet/site-agent/trainer/ipc';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { teacherOfCheckpoint } from '@fedoxnet/site-agent/training/round-checkpoint';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { repeatableBackend } from '../../support/repeatable-backend.js';
import { smallPlan } from '../training/small-study.js';

const ENTRY = fileURLToPath(import.meta.resolve('@fedoxnet/site-agent/trainer/main'));
const plan = smallPlan();

/** A trainer process, as the agent runs it. */
class Child {
  private readonly process: ChildProcess = fork(ENTRY, [], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  readonly progress: TrainerEvent[] = [];

  /** Sends a command and waits for the event that ends it. */
  obey(command: TrainerCommand | { kind: string }): Promise<TrainerEvent> {
    return new Promise((resolve) => {
      const listen = (message: unknown) => {
        const event = trainerEvent.parse(message);
        if (event.kind === 'progress') return void this.progress.push(event);
        this.process.off('message', listen);
        resolve(event);
      };
      this.process.on('message', listen);
      this.process.send(command);
    });
  }

  async ended(how: () => void): Promise<number | null> {
    const exit = once(this.process, 'exit');
    how();
    return (await exit)[0] as number | null;
  }

  leave(): Promise<number | null> {
    return this.ended(() => this.process.disconnect());
  }

  kill(): Promise<number | null> {
    return this.ended(() => this.process.kill('SIGKILL'));
  }
}

describe('trainer process', function () {
  this.timeout(300_000); // WebAssembly takes a minute
  let folder: string;
  let backend: 'cpu' | 'wasm';
  let prepare: TrainerCommand;
  let global: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trainer-test-'));
    await generatePhantoms({
      ...{ out: join(folder, 'data'), films: 8, seed: 'trainer', size: 64, valFraction: 0.25 },
      ...{ supervision: { Mass: 'box', Effusion: 'image' }, scanner: 'digital' },
    });
    backend = await repeatableBackend();
    prepare = {
      kind: 'prepare',
      plan,
      data: join(folder, 'data'),
      work: join(folder, 'work'),
      backend,
    };
    global = join(folder, 'global.safetensors');
    const model = await initialModel(plan);
    await writeFile(global, encodeSafetensors(model.weights, model.metadata));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  it('prepares, trains and evaluates, and ends with its agent', async () => {
    const child = new Child();
    expect(await child.obey(prepare)).to.deep.equal({
      kind: 'prepared',
      backend,
      films: { train: 6, val: 2, box: 6, image: 0, none: 0 },
    });

    const update = join(folder, 'update.safetensors');
    const trained = await child.obey({ kind: 'train', round: 1, attempt: 1, global, update });
    if (trained.kind !== 'trained') throw new Error(JSON.stringify(trained));
    expect(trained.steps).to.equal(4);
    expect(trained.masses.films).to.equal(16);
    expect(trained.peakRssMb).to.be.within(50, 3000);
    expect(child.progress.at(-1)).to.include({ round: 1, step: 4, steps: 4 });
    const before = decodeSafetensors(await readFile(global)).weights;
    const delta = decodeSafetensors(await readFile(update)).weights;
    expect([...delta.keys()]).to.deep.equal([...before.keys()]);
    expect([...delta.values()].some(({ values }) => values.some((v) => v !== 0))).to.equal(true);

    const evaluated = await child.obey({ kind: 'evaluate', round: 1, model: global, suppressBelow: 1 });
    if (evaluated.kind !== 'evaluated') throw new Error(JSON.stringify(evaluated));
    expect(evaluated.report.films).to.equal(2);
    expect(evaluated.report.classes.map((c) => c.class)).to.deep.equal(plan.classes);
    expect(await child.leave()).to.equal(0);
  });

  it('goes on after a kill and sends what it would have sent', async () => {
    const long: TrainerCommand & { kind: 'prepare' } = {
      ...(prepare as TrainerCommand & { kind: 'prepare' }),
      work: join(folder, 'work-of-killed'),
      plan: { ...plan, training: { ...plan.training, localSteps: 24 } },
    };
    const checkpoint = join(long.work, 'round.checkpoint');
    const train = (update: string) =>
      ({ kind: 'train', round: 1, attempt: 1, global, update: join(folder, update) }) as const;

    const killed = new Child();
    await killed.obey(long);
    void killed.obey(train('never'));
    while (!(await stat(checkpoint).catch(() => null)))
      await new Promise((resolve) => setTimeout(resolve, 5));
    await killed.kill();
    const second = new Child();
    await second.obey(long);
    await second.obey(train('resumed'));
    const firstReport = second.progress[0]!;
    // The first checkpoint lies after a quarter of the steps.
    expect(firstReport.kind === 'progress' && firstReport.step).to.be.within(7, 24);
    expect(await stat(checkpoint).catch(() => null)).to.equal(null);
    const last = await readFile(join(long.work, 'last-round.checkpoint'));
    expect(teacherOfCheckpoint(last)?.step, 'its teacher stays to be looked at').to.be.within(18, 24);
    await second.obey(train('whole'));
    const [resumed, whole] = [await readFile(join(folder, 'resumed')), await readFile(join(folder, 'whole'))];
    expect(resumed.equals(whole)).to.equal(true);
    await second.leave();
  });

  it('refuses by code what it cannot do, and lives on', async () => {
    const child = new Child();
    expect(await child.obey({ kind: 'dance' })).to.include({ kind: 'failed', code: 'MESSAGE_INVALID' });
    expect(await child.obey({ kind: 'evaluate', round: 1, model: global, suppressBelow: 1 })).to.include({
      ...{ kind: 'failed', code: 'MESSAGE_INVALID' },
    });
    const nowhere = { ...prepare, data: join(folder, 'nowhere') };
    expect(await child.obey(nowhere)).to.include({ kind: 'failed', code: 'DATA_MISSING' });
    await child.obey(prepare);
    const missing = { kind: 'evaluate', round: 1, model: join(folder, 'missing'), suppressBelow: 5 } as const;
    expect(await child.obey(missing)).to.include({ kind: 'failed', code: 'MODEL_INVALID' });
    await writeFile(join(folder, 'broken'), 'not a model');
    const broken = { kind: 'evaluate', round: 1, model: join(folder, 'broken'), suppressBelow: 5 } as const;
    expect(await child.obey(broken)).to.include({ kind: 'failed', code: 'WEIGHTS_INVALID' });
    await child.leave();
  });
});
