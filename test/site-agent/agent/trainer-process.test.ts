import { readFileSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { FederationError } from '@fedoxnet/shared/errors';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { TrainerProcess, type Preparation, type Prepared } from '@fedoxnet/site-agent/agent/trainer-process';
import { fileHasLine } from '../../e2e/support/eventually.js';
import { SCRIPT_VARIABLE, type Script } from '../../e2e/support/script.js';
import { smallPlan } from '../../e2e/support/small-plan.js';
import { codeOf, rejection } from '../../support/rejection.js';
import { scratchFolder } from './support/scratch.js';

const ENTRY = fileURLToPath(new URL('../../e2e/support/scripted-trainer.js', import.meta.url));

describe('trainer process', () => {
  const folder = scratchFolder();
  const { signal } = new AbortController();
  let trainer: TrainerProcess;
  let prepared: Prepared[];

  const diary = () => readFileSync(join(folder(), 'diary'), 'utf8').trimEnd().split('\n');
  function start(change: Partial<Script> = {}): void {
    const masses = { films: 4, positives: 2, classRows: [1, 1], globalRows: [1, 1], prototypeRows: [1, 1] };
    const script: Script = { delta: 0.5, masses, diary: join(folder(), 'diary'), ...change };
    prepared = [];
    trainer = new TrainerProcess({
      entry: ENTRY,
      env: { [SCRIPT_VARIABLE]: JSON.stringify(script) },
      onOutput: () => undefined,
      onPrepared: (event) => prepared.push(event),
    });
  }
  const preparation = (study = 'small'): Preparation => ({
    plan: smallPlan({ study }),
    data: folder(),
    work: folder(),
    backend: 'auto',
  });
  const command = () => ({
    round: 1,
    attempt: 1,
    global: join(folder(), 'global'),
    update: join(folder(), 'update'),
  });
  beforeEach(() => {
    const weights = new Map([['w', { shape: [2], values: new Float32Array([1, 2]) }]]);
    writeFileSync(join(folder(), 'global'), encodeSafetensors(weights, {}));
  });
  afterEach(() => trainer.close());

  it('prepares once for a study and hands over progress and result', async () => {
    start();
    const steps: number[] = [];
    const onProgress = ({ step }: { step: number }) => steps.push(step);
    const trained = await trainer.train(preparation(), command(), { signal, onProgress });
    await trainer.train(preparation(), { ...command(), round: 2 }, { signal });
    expect(steps).to.deep.equal([1, 2, 3]);
    expect(trained.masses.films).to.equal(4);
    const { weights } = decodeSafetensors(await readFile(command().update));
    expect([...(weights.get('w')?.values ?? [])]).to.deep.equal([0.5, 0.5]);
    expect(diary()).to.deep.equal(['prepare small', 'train 1 1', 'train 2 1']);
    expect(prepared.map(({ backend }) => backend)).to.deep.equal(['scripted']);
  });

  it('runs side-by-side calls one after another', async () => {
    start();
    await Promise.all(
      [1, 2, 3].map((round) => trainer.train(preparation(), { ...command(), round }, { signal })),
    );
    expect(diary()).to.deep.equal(['prepare small', 'train 1 1', 'train 2 1', 'train 3 1']);
  });

  it('starts afresh for another study', async () => {
    start();
    await trainer.prepare(preparation('one'), { signal });
    await trainer.prepare(preparation('two'), { signal });
    expect(diary()).to.deep.equal(['prepare one', 'prepare two']);
    expect(prepared).to.have.length(2);
  });

  it('says so when the trainer dies, and starts it again for the next command', async () => {
    start({ dieAt: [1] });
    const error = await rejection(trainer.train(preparation(), command(), { signal }));
    expect(error.code).to.equal('TRAINER_DIED');
    expect(error.message).to.include('status 9');
    await trainer.train(preparation(), command(), { signal });
    expect(diary()).to.deep.equal(['prepare small', 'train 1 1', 'prepare small', 'train 1 1']);
  });

  it("passes on the trainer's own failure and keeps it running", async () => {
    start({ failAt: [1] });
    const error = await rejection(trainer.train(preparation(), command(), { signal }));
    expect(error.code).to.equal('FILM_UNREADABLE');
    expect(error.message).to.include('Film 7');
    await trainer.train(preparation(), command(), { signal });
    expect(diary()).to.deep.equal(['prepare small', 'train 1 1', 'train 1 1']);
  });

  it('kills a training that is no longer wanted, with the reason given', async () => {
    start({ hangAt: [1] });
    const controller = new AbortController();
    const training = trainer.train(preparation(), command(), { signal: controller.signal });
    await fileHasLine(join(folder(), 'diary'), 'train 1 1');
    controller.abort(new FederationError('ROUND_CLOSED', 'Round 1 has closed.'));
    expect(await codeOf(training)).to.equal('ROUND_CLOSED');
    await trainer.train(preparation(), command(), { signal });
    expect(diary().slice(2)).to.deep.equal(['prepare small', 'train 1 1']);
  });
});
