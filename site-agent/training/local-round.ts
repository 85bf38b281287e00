import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { addPseudoCounts, NO_PSEUDO_BOXES, type PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import { stageOf } from '@fedoxnet/shared/study/stage-plan';
import { asksGlobalModel } from '@fedoxnet/shared/study/teacher-plan';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { WeightArray, WeightMap } from '@fedoxnet/shared/weights/weight-map';
import type { Supervision } from '../data/film.js';
import { FilmSampler } from '../data/sampler.js';
import type { FilmSet } from '../data/training-film.js';
import { Prototypes } from '../losses/prototypes.js';
import { PROTOTYPES } from '../model/oxnet.js';
import type { LossTerms } from '../trainer/ipc.js';
import { makeBatch } from './batch.js';
import type { ControlVariates } from './control-variates.js';
import { Evidence } from './evidence.js';
import { Learner, type Network, type StepPart, type StepReport } from './learner.js';
import { learningRate } from './learning-rate.js';
import { LossMeans } from './loss-means.js';
import { PrototypeFilms } from './prototype-films.js';
import { Random } from '../random.js';
import { encodeCheckpoint, resumeCheckpoint, type RoundState } from './round-checkpoint.js';
import { modulesInStage } from './stage-modules.js';
import { unsupervisedRamp } from './unsupervised-ramp.js';

export interface LocalRound {
  readonly plan: StudyPlan;
  /** 1-based. */
  readonly round: number;
  /** The site's training films at the plan's size. */
  readonly films: FilmSet;
  /** [N · 4] */
  readonly anchors: Float32Array;
  /** The model the round starts from. Both networks already hold it. */
  readonly global: WeightMap;
  readonly student: Network;
  readonly teacher: Network;
  /** Holds the global model too; needed by plans for which `asksGlobalModel`, else never used. */
  readonly globalTeacher?: Network | undefined;
  /** SCAFFOLD's, where the plan has them. */
  readonly controls?: ControlVariates;
}

export interface LocalRoundHooks {
  /** After every step; `step` counts from 1, `pseudo` the teacher's boxes of the round so far. */
  readonly onStep?: (step: number, report: StepReport, films: number, pseudo: PseudoCount) => void;
  /** Where the round is kept while it runs. */
  readonly checkpoint?: RoundCheckpoint;
}

export interface RoundCheckpoint {
  /** Names what the round starts from: a checkpoint with another key is ignored. */
  readonly key: string;
  /** Steps between two checkpoints. */
  readonly every: number;
  readonly resume: Uint8Array | null;
  save(bytes: Uint8Array): Promise<void>;
}

export interface LocalRoundResult {
  /** W′ − W by the names and in the order of the global model. */
  readonly update: WeightMap;
  readonly masses: UpdateMasses;
  /** Means over the round. */
  readonly losses: LossTerms;
  /** What became of the teacher's boxes. */
  readonly pseudo: PseudoCount;
  /** Steps done: 0 when the site has nothing to learn from in this round. */
  readonly steps: number;
  /** Steps of the optimiser: those whose batch held some evidence. */
  readonly descents: number;
  /** Where the time went. */
  readonly seconds: Readonly<Record<StepPart, number>> | null;
}

/**
 * One site's part of a round: E steps from the global weights on whatever films it has (oxnet.md §7.3, steps 2–4).
 * The optimiser is fresh and the teacher starts as the global model, so nothing but the global model passes from round
 * to round. Equal plan, films, round and global model give equal updates.
 * @throws {FederationError} `TRAINING_DIVERGED` when a loss, a gradient or a weight is not finite
 */
export async function trainLocalRound(
  { plan, round, films, anchors, global, student, teacher, globalTeacher, controls }: LocalRound,
  { onStep, checkpoint }: LocalRoundHooks = {},
): Promise<LocalRoundResult> {
  const { training, model } = plan;
  const classes = plan.classes.length;
  const site = filmsDigest(films);
  const stream = (purpose: string, ...rest: number[]) => Random.of(model.seed, site, purpose, round, ...rest);
  const sampler = new FilmSampler(films.films, training.batch, teachable(plan, round), stream('films'));
  const globalPrototypes = global.get(PROTOTYPES);
  if (globalPrototypes === undefined) {
    throw new FederationError('MODEL_INVALID', `The global model has no tensor "${PROTOTYPES}".`);
  }
  const prototypes = new Prototypes(classes, globalPrototypes.shape[1]!, globalPrototypes.values);
  const { prototypeFilms: fewest } = plan.aggregation;
  if (sampler.composition.size === 0) {
    return {
      update: differences(global, () => undefined),
      masses: new Evidence(classes).masses(prototypes, fewest === undefined ? null : noFilms(classes)),
      losses: {},
      pseudo: NO_PSEUDO_BOXES,
      steps: 0,
      descents: 0,
      seconds: null,
    };
  }

  const twoTeachers = teacherSpeaks(plan, round) && asksGlobalModel(training.teacher);
  if (twoTeachers && globalTeacher === undefined) {
    throw new RangeError('a plan that asks the global model needs a network that holds it');
  }
  using learner = new Learner(plan, anchors, student, teacher, prototypes, {
    globalTeacher: twoTeachers ? globalTeacher : undefined,
    controls,
    modules: modulesInStage(stageOf(training.stages, round), [...sampler.composition.keys()]),
  });
  const prototypeFilms = new PrototypeFilms(films.films, classes);
  let state: RoundState = {
    step: 0,
    evidence: new Evidence(classes),
    losses: new LossMeans(),
    pseudo: NO_PSEUDO_BOXES,
  };
  if (checkpoint?.resume) {
    state = resumeCheckpoint(checkpoint.resume, checkpoint.key, learner) ?? state;
  }
  for (let skipped = 0; skipped < state.step; skipped++) prototypeFilms.add(sampler.draw());

  for (let step = state.step; step < training.localSteps; step++) {
    const drawn = sampler.draw();
    prototypeFilms.add(drawn);
    const batch = makeBatch(films, drawn, training.augmentation, stream('views', step));
    const report = learner.step(
      batch,
      learningRate(plan, round, step),
      unsupervisedRamp(training, round, step),
    );
    state.evidence.add(batch.films, report);
    state.losses.add(report.losses);
    state = { ...state, step: step + 1, pseudo: addPseudoCounts(state.pseudo, report.pseudo) };
    onStep?.(step + 1, report, batch.films.length, state.pseudo);
    if (checkpoint && (step + 1) % checkpoint.every === 0 && step + 1 < training.localSteps) {
      await checkpoint.save(encodeCheckpoint(checkpoint.key, state, learner));
    }
    await setImmediate(); // lets messages in and out: the steps themselves block
  }

  const filmsBehind = prototypeFilms.withhold(prototypes, fewest ?? 1);
  const update = differences(global, (name) =>
    name === PROTOTYPES
      ? prototypes.delta(globalPrototypes.values)
      : subtract(student.variables.get(name)?.dataSync<'float32'>(), global.get(name)!),
  );
  for (const [name, { values }] of update) {
    if (values.every(Number.isFinite)) continue;
    throw new FederationError(
      'TRAINING_DIVERGED',
      `The weight "${name}" is not finite after step ${state.step}.`,
    );
  }
  return {
    update,
    masses: state.evidence.masses(prototypes, fewest === undefined ? null : filmsBehind),
    losses: state.losses.mean(),
    pseudo: state.pseudo,
    steps: state.step,
    descents: learner.parameters.steps,
    seconds: learner.seconds,
  };
}

function teacherSpeaks({ training }: StudyPlan, round: number): boolean {
  return unsupervisedRamp(training, round, training.localSteps) > 0;
}

/** Kinds of films that can teach something in this round, by the plan's stage and weights. */
function teachable(plan: StudyPlan, round: number): Supervision[] {
  const { training } = plan;
  const { image, intra, inter } = training.losses;
  const kinds: Supervision[] = ['box'];
  const told = teacherSpeaks(plan, round);
  if (image + intra + inter > 0 || told) kinds.push('image');
  if (told) kinds.push('none');
  const { films } = stageOf(training.stages, round);
  return kinds.filter((kind) => films.includes(kind));
}

/** Distinguishes sites of one study: their random streams must not move in step. */
function filmsDigest(films: FilmSet): string {
  const hash = createHash('sha256');
  for (const { id } of films.films) hash.update(id).update('\n');
  return hash.digest('hex');
}

function noFilms(classes: number): number[] {
  return new Array<number>(classes).fill(0);
}

function differences(
  global: WeightMap,
  difference: (name: string) => Float32Array | undefined,
): Map<string, WeightArray> {
  return new Map(
    [...global].map(([name, { shape, values }]) => [
      name,
      { shape, values: difference(name) ?? new Float32Array(values.length) },
    ]),
  );
}

function subtract(values: Float32Array | undefined, from: WeightArray): Float32Array | undefined {
  return values?.map((value, i) => value - from.values[i]!);
}
