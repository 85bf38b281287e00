import { createHash } from 'node:crypto';
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { applySteps } from '@fedoxnet/shared/privacy/update-step';
import { updateSteps } from '@fedoxnet/shared/privacy/steps-of-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { asksGlobalModel } from '@fedoxnet/shared/study/teacher-plan';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { writeFileAtomic } from '../files/atomic-file.js';
import { sparePath } from '../files/spare-file.js';
import { selectBackend } from '../backend/select-backend.js';
import { loadFilmSet, type StoredFilmSet } from '../data/film-set.js';
import type { Supervision } from '../data/film.js';
import { evaluate } from '../evaluation/evaluate.js';
import { anchorGrid } from '../model/anchors.js';
import { withOwnNorms } from '../training/local-norms.js';
import { trainOwnRound } from '../training/own-round.js';
import { CHECKPOINT, LAST_CHECKPOINT } from './checkpoint-names.js';
import type { TrainerCommand, TrainerEvent } from './ipc.js';
import { NetworkPair, type StudentAndTeacher } from './network-pair.js';
import { ProgressReports } from './progress-reports.js';

type Command<K extends TrainerCommand['kind']> = Extract<TrainerCommand, { kind: K }>;
type Event<K extends TrainerEvent['kind']> = Extract<TrainerEvent, { kind: K }>;

/** Steps between two checkpoints: at tiny size one every few seconds. */
const CHECKPOINT_EVERY = 20;

/** A short round is kept three times before its end, so that killing its trainer costs a quarter of it. */
export function checkpointEvery(localSteps: number): number {
  return Math.min(CHECKPOINT_EVERY, Math.ceil(localSteps / 4));
}

/** What a study needs in memory, loaded once. */
interface Prepared {
  readonly plan: StudyPlan;
  readonly work: string;
  readonly train: StoredFilmSet;
  readonly val: StoredFilmSet;
  readonly anchors: Float32Array;
}

/** Does what the agent commands (`ipc.ts`), one command after the other. The process around it is `main.ts`. */
export class Trainer {
  private prepared: Prepared | null = null;

  /**
   * @param send takes progress events while a command runs
   * @param networks may be shared with trainers whose commands do not run at the same time
   */
  constructor(
    private readonly send: (event: TrainerEvent) => void,
    private readonly networks: NetworkPair = new NetworkPair(),
  ) {}

  /** Ends the reading of films; the networks stay. */
  close(): void {
    this.prepared?.train.close();
    this.prepared?.val.close();
    this.prepared = null;
  }

  /**
   * @returns the event that ends the command
   * @throws {FederationError} what keeps the command from being done
   */
  run(command: TrainerCommand): Promise<TrainerEvent> {
    switch (command.kind) {
      case 'prepare':
        return this.prepare(command);
      case 'train':
        return this.train(command);
      case 'evaluate':
        return this.evaluate(command);
    }
  }

  private async prepare(command: Command<'prepare'>): Promise<Event<'prepared'>> {
    const { plan, data, work, cache = join(work, 'cache') } = command;
    const backend = await selectBackend(command.backend);
    if (backend.warning !== undefined) console.error(backend.warning);
    const load = (split: 'train' | 'val') =>
      loadFilmSet({
        catalogueFolder: data,
        split,
        classes: plan.classes,
        labels: plan.labels,
        size: plan.model.size,
        cacheFolder: cache,
      });
    const [train, val] = [await load('train'), await load('val')];
    for (const { id, reason } of [...train.setAside, ...val.setAside]) {
      console.error(`Film ${id} is set aside: ${reason}`);
    }
    if (train.films.length + val.films.length === 0) {
      throw new FederationError('NO_USABLE_FILMS', `No film listed in ${data} can be used.`);
    }
    this.close();
    this.prepared = { plan, work, train, val, anchors: anchorGrid(plan.model).boxes };
    this.networksOf(this.prepared); // built now, so that a round does not wait for them
    const ofTier = (tier: Supervision) => train.films.filter((film) => film.tier === tier).length;
    failpoint('trainer.prepare.loaded');
    return {
      kind: 'prepared',
      backend: backend.name,
      films: {
        train: train.films.length,
        val: val.films.length,
        box: ofTier('box'),
        image: ofTier('image'),
        none: ofTier('none'),
      },
    };
  }

  private async train(command: Command<'train'>): Promise<Event<'trained'>> {
    const { round, attempt, global: path, update, ownNext } = command;
    const prepared = this.requirePrepared();
    const { plan, work, train, anchors } = prepared;
    const { student, teacher } = this.networksOf(prepared);
    const started = performance.now();
    const bytes = await readModel(path);
    const { weights: release } = decodeSafetensors(bytes);
    const ownBytes = command.own === undefined ? null : await readModel(command.own);
    const own = ownBytes === null ? null : decodeSafetensors(ownBytes).weights;
    const globalTeacher = asksGlobalModel(plan.training.teacher)
      ? this.networks.secondTeacher(plan.model, plan.classes.length)
      : undefined;
    failpoint('trainer.train.begun');

    const checkpoint = join(work, CHECKPOINT);
    const key = checkpointKey(plan, round, bytes, ownBytes);
    const reports = new ProgressReports(round, plan.training.localSteps, this.send);
    const result = await trainOwnRound(
      { plan, round, films: train, anchors, release, own, student, teacher, globalTeacher },
      {
        onStep: (step, report, films, pseudo) => {
          failpoint('trainer.train.step');
          reports.add(step, report, films, pseudo);
        },
        checkpoint: {
          key,
          every: checkpointEvery(plan.training.localSteps),
          resume: await readFile(checkpoint).catch(() => null),
          save: async (state) => {
            failpoint('trainer.checkpoint.writing');
            await writeFileAtomic(checkpoint, state, 0o600);
            failpoint('trainer.checkpoint.written');
          },
        },
      },
    );
    const told = { study: plan.study, site: 'this site', round, attempt };
    const { delta } = applySteps({ delta: result.update, masses: result.masses }, updateSteps(plan), told);
    if (result.own !== null && ownNext !== undefined) {
      const metadata = { kind: 'own', plan_hash: planHash(plan), round: String(round) };
      await writeFileAtomic(ownNext, encodeSafetensors(result.own, metadata), 0o600);
    }
    failpoint('trainer.own.written');
    failpoint('trainer.update.writing');
    const content = encodeSafetensors(delta, { kind: 'update', round: String(round) });
    await writeFileAtomic(update, content, 0o600, sparePath(work, 'update'));
    failpoint('trainer.update.written');
    // Not removed: in the console people look at what its teacher sees. No round resumes it, its key is of this one.
    await rename(checkpoint, join(work, LAST_CHECKPOINT)).catch(() => undefined);
    failpoint('trainer.train.done');
    return {
      kind: 'trained',
      round,
      masses: result.masses,
      losses: result.losses,
      pseudo: result.pseudo,
      steps: result.steps,
      seconds: (performance.now() - started) / 1000,
      peakRssMb: process.resourceUsage().maxRSS / 1024,
    };
  }

  private async evaluate(command: Command<'evaluate'>): Promise<Event<'evaluated'>> {
    const { round, model, own, suppressBelow } = command;
    const prepared = this.requirePrepared();
    const { plan, val } = prepared;
    const { student } = this.networksOf(prepared);
    const started = performance.now();
    const { weights } = decodeSafetensors(await readModel(model));
    const ownNorms: WeightMap | null =
      own === undefined ? null : decodeSafetensors(await readModel(own)).weights;
    student.setWeights(withOwnNorms(weights, ownNorms, student.norms));
    failpoint('trainer.evaluate.begun');
    const { ious } = plan.evaluation;
    const { report } = await evaluate(student, val, { classes: plan.classes, ious, suppressBelow });
    failpoint('trainer.evaluate.done');
    return { kind: 'evaluated', round, report, seconds: (performance.now() - started) / 1000 };
  }

  private networksOf({ plan }: Prepared): StudentAndTeacher {
    return this.networks.get(plan.model, plan.classes.length);
  }

  private requirePrepared(): Prepared {
    if (this.prepared === null) {
      throw new FederationError('MESSAGE_INVALID', 'The trainer got a command before "prepare".');
    }
    return this.prepared;
  }
}

/** A checkpoint is resumed only for the same plan, round, global model and own numbers. The attempt does not matter: it computes the same. */
function checkpointKey(plan: StudyPlan, round: number, global: Uint8Array, own: Uint8Array | null): string {
  return createHash('sha256')
    .update(JSON.stringify([plan, round]))
    .update(global)
    .update(own ?? '')
    .digest('hex');
}

async function readModel(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new FederationError('MODEL_INVALID', `The model file ${path} cannot be read.`, { cause });
  }
}
