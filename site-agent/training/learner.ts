import * as tf from '@tensorflow/tfjs-core';
import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { NO_PSEUDO_BOXES, type PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import type { Module } from '@fedoxnet/shared/weights/roles';
import { boxTargets, teacherTargets, type TeacherView } from '../losses/detection-targets.js';
import type { FilmLabels } from '../losses/film-labels.js';
import { imageTargets } from '../losses/image-targets.js';
import type { Prototypes } from '../losses/prototypes.js';
import { teacherView, type Voice } from '../losses/teacher-view.js';
import { totalLoss, type LossTerm, type StepTargets } from '../losses/total-loss.js';
import type { Oxnet } from '../model/oxnet.js';
import type { Batch } from './batch.js';
import type { ControlVariates } from './control-variates.js';
import { imageTensor } from './image-tensor.js';
import { clipScale } from './optimizer.js';
import { ProximalTerm } from './proximal-term.js';
import { trainedParameters, type Gradients, type TrainedParameters } from './trained-parameters.js';

/** What training needs of a network. */
export type Network = Pick<Oxnet, 'variables' | 'trainable' | 'forward' | 'roles'>;

/** What a plan may ask for beyond a student and its mean teacher. */
export interface LearnerOptions {
  /** Holds the round's global weights and keeps them: speaks beside the mean teacher (`teacherView`). */
  readonly globalTeacher?: Network | undefined;
  /** Only these are changed; all when left out. */
  readonly modules?: ReadonlySet<Module> | undefined;
  /** SCAFFOLD's, over all that is trained. */
  readonly controls?: ControlVariates | undefined;
}

/** What one step did. */
export interface StepReport {
  /** Value of every term that some film contributed to; empty when the batch held nothing to learn from. */
  readonly losses: ReadonlyMap<LossTerm, number>;
  /** [B] 1 for films that gave a gradient. */
  readonly films: Uint8Array;
  /** Anchors that taught the box subnet: matched to true boxes, and to the teacher's. */
  readonly truePositives: number;
  readonly pseudoPositives: number;
  /** Boxes of the teacher. */
  readonly pseudo: PseudoCount;
}

export const STEP_PARTS = ['teacher', 'targets', 'forward', 'backward', 'optimizer'] as const;
export type StepPart = (typeof STEP_PARTS)[number];

/** Student, teacher, optimiser and prototypes of one local round: all the state that a step changes. */
export class Learner {
  /** What the student learns, the teacher's average of it and the optimiser's moments. */
  readonly parameters: TrainedParameters;
  /** Seconds spent in each part of the steps so far. */
  readonly seconds: Record<StepPart, number> = {
    teacher: 0,
    targets: 0,
    forward: 0,
    backward: 0,
    optimizer: 0,
  };
  readonly controls: ControlVariates | null;
  private readonly trainable: tf.Variable[];
  private readonly globalTeacher: Network | null;
  private readonly movesBoxSubnet: boolean;
  private readonly proximal: ProximalTerm | null;
  private teacherIsWritten = false;

  /**
   * @param anchors [N · 4] of the plan's model
   * @param network the student, already holding the global weights
   * @param teacherNetwork of the same plan; its variables are overwritten
   */
  constructor(
    private readonly plan: Pick<StudyPlan, 'model' | 'training'>,
    private readonly anchors: Float32Array,
    private readonly network: Network,
    private readonly teacherNetwork: Network,
    readonly prototypes: Prototypes,
    { globalTeacher, modules, controls }: LearnerOptions = {},
  ) {
    const roles = network.roles();
    const moved = [...network.trainable].filter(([name]) => modules?.has(roles[name]!.module) !== false);
    this.globalTeacher = globalTeacher ?? null;
    this.movesBoxSubnet = modules?.has('boxSubnet') !== false;
    this.trainable = moved.map(([, variable]) => variable);
    const teacher = moved.map(([name]) => teacherNetwork.variables.get(name)!);
    const { optimizer, drift } = plan.training;
    this.controls = controls ?? null;
    this.parameters = trainedParameters(optimizer, this.trainable, teacher, this.controls);
    this.proximal = drift?.method === 'fedprox' ? new ProximalTerm(drift.mu, this.trainable) : null;
  }

  /**
   * One step: ask the teacher, run the student, descend, average. A batch without any evidence costs no student pass.
   * @param rate learning rate
   * @param ramp weight of the unsupervised terms; at 0 the teacher is not asked
   * @throws {FederationError} `TRAINING_DIVERGED` when a loss term, which is named, or the gradient is not finite;
   *   parameters and prototypes are left as they were
   */
  step(batch: Batch, rate: number, ramp: number): StepReport {
    const { pseudo, ...targets } = this.targetsOf(batch, ramp);
    const { boxes, teacher, image } = targets;
    if (boxes === null && teacher === null && image === null) {
      return {
        losses: new Map(),
        films: new Uint8Array(batch.films.length),
        truePositives: 0,
        pseudoPositives: 0,
        pseudo,
      };
    }
    const { losses, gradients: ofLosses } = this.computeGradients(batch, targets, ramp);
    const gradients = this.proximal?.addTo(ofLosses) ?? ofLosses;
    try {
      this.descend(gradients, rate);
    } finally {
      tf.dispose(gradients);
    }
    return {
      losses,
      films: Uint8Array.from(batch.films, (film, b) =>
        boxes?.films[b] || teacher?.films[b] || film.labelKnown.includes(1) ? 1 : 0,
      ),
      truePositives: this.movesBoxSubnet && losses.has('regression') ? boxes!.rows.length : 0,
      pseudoPositives: this.movesBoxSubnet && losses.has('softRegression') ? teacher!.rows.length : 0,
      pseudo,
    };
  }

  /** To be called after the vectors of `parameters` were written into, as when a checkpoint is resumed. */
  restored(): void {
    this.parameters.restored();
    this.teacherIsWritten = false;
  }

  /** Frees what it keeps in the backend; the networks stay. */
  [Symbol.dispose](): void {
    this.parameters.dispose();
    this.proximal?.dispose();
  }

  private targetsOf(batch: Batch, ramp: number): StepTargets & { pseudo: PseudoCount } {
    const weights = this.plan.training.losses;
    const views = ramp > 0 ? this.timed('teacher', () => this.askTeacher(batch)) : null;
    return this.timed('targets', () => ({
      boxes: weights.focal + weights.regression > 0 ? boxTargets(this.anchors, batch.films) : null,
      teacher:
        views === null ? null : teacherTargets(this.anchors, batch.films, views, this.plan.training.teacher),
      image: weights.image + weights.intra + weights.inter > 0 ? imageTargets(batch.films) : null,
      prototypes: this.prototypes,
      pseudo: views === null ? NO_PSEUDO_BOXES : countBoxes(views),
    }));
  }

  /** Only films with a class the teacher may speak on are shown to it. */
  private askTeacher(batch: Batch): TeacherView[] {
    const { size, channels } = this.plan.model;
    const asked = [...batch.films.keys()].filter((b) => leavesRoom(batch.films[b]!));
    if (asked.length === 0) return batch.films.map(() => SILENT);
    if (!this.teacherIsWritten) this.parameters.writeTeacher();
    this.teacherIsWritten = true;
    const images = imageTensor(
      asked.map((b) => batch.teacher[b]!),
      size,
      channels,
    );
    try {
      const mean = voicesOf(this.teacherNetwork, images, asked.length);
      const global = this.globalTeacher && voicesOf(this.globalTeacher, images, asked.length);
      const hearing = this.plan.training.teacher;
      return batch.films.map((film, b) => {
        const i = asked.indexOf(b);
        if (i < 0) return SILENT;
        const voices = { mean: mean[i]!, global: global?.[i] ?? null };
        return teacherView(this.anchors, film, voices, { size, hearing });
      });
    } finally {
      images.dispose();
    }
  }

  /** Also moves the prototypes. @returns the value of each term, and the gradients, which the caller disposes */
  private computeGradients(
    batch: Batch,
    targets: StepTargets,
    ramp: number,
  ): { losses: Map<LossTerm, number>; gradients: Gradients } {
    const { size, channels } = this.plan.model;
    const losses = new Map<LossTerm, number>();
    const started = performance.now();
    let taped = started;
    const gradients = tf.tidy(() => {
      const images = imageTensor(batch.student, size, channels);
      const { grads } = tf.variableGrads(() => {
        const outputs = this.network.forward(images);
        const { total, terms, features } = totalLoss(outputs, targets, this.plan.training.losses, ramp);
        for (const [term, value] of terms) losses.set(term, this.requireFinite(term, value.dataSync()[0]!));
        if (features !== null && targets.image !== null) {
          const probabilities = tf.sigmoid(outputs.imageLogits).dataSync<'float32'>();
          this.prototypes.update(features.dataSync<'float32'>(), probabilities, targets.image.positive);
        }
        taped = performance.now();
        return total;
      }, this.trainable);
      return grads;
    });
    this.seconds.forward += (taped - started) / 1000;
    this.seconds.backward += (performance.now() - taped) / 1000;
    return { losses, gradients };
  }

  private requireFinite(term: LossTerm, value: number): number {
    if (Number.isFinite(value)) return value;
    throw new FederationError(
      'TRAINING_DIVERGED',
      `The loss term "${term}" of step ${this.parameters.steps + 1} is ${value}.`,
    );
  }

  private descend(gradients: Gradients, rate: number): void {
    const { optimizer, teacher } = this.plan.training;
    this.timed('optimizer', () => {
      const norm = this.parameters.gradientNorm(gradients);
      if (!Number.isFinite(norm)) {
        throw new FederationError(
          'TRAINING_DIVERGED',
          `The gradient of step ${this.parameters.steps + 1} is not finite.`,
        );
      }
      this.parameters.descend(gradients, rate, clipScale(norm, optimizer.clipNorm));
      if (teacher.decay === 1) return; // a teacher that keeps all of itself need not be passed over
      this.parameters.average(teacher.decay);
      this.teacherIsWritten = false;
    });
  }

  private timed<T>(part: StepPart, work: () => T): T {
    const started = performance.now();
    try {
      return work();
    } finally {
      this.seconds[part] += (performance.now() - started) / 1000;
    }
  }
}

/** What a network says of each of the films. */
function voicesOf(network: Network, images: tf.Tensor4D, films: number): Voice[] {
  const [scores, deltas] = tf.tidy(() => {
    const { classLogits, boxDeltas } = network.forward(images);
    return [tf.sigmoid(classLogits).dataSync<'float32'>(), boxDeltas.dataSync<'float32'>()];
  }) as unknown as [Float32Array, Float32Array];
  const rowOf = (all: Float32Array, film: number): Float32Array =>
    all.subarray((film * all.length) / films, ((film + 1) * all.length) / films);
  return Array.from({ length: films }, (_, film) => ({
    scores: rowOf(scores, film),
    deltas: rowOf(deltas, film),
  }));
}

function countBoxes(views: readonly TeacherView[]): PseudoCount {
  return {
    kept: views.reduce((sum, { kept }) => sum + kept.classes.length, 0),
    dropped: views.reduce((sum, { disputed }) => sum + (disputed?.classes.length ?? 0), 0),
  };
}

/** A film on which the teacher has nothing to say. */
const SILENT: TeacherView = {
  scores: new Float32Array(0),
  kept: { boxes: new Float32Array(0), classes: new Int32Array(0), scores: new Float32Array(0) },
};

/** True when some class is neither boxed on the film nor labelled absent. */
function leavesRoom(film: FilmLabels): boolean {
  return film.boxKnown.some((known, c) => !known && !(film.labelKnown[c] && !film.label[c]));
}
