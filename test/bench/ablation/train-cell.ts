import type { LoadedFilmSet } from '@fedoxnet/site-agent/data/film-set';
import type { Supervision } from '@fedoxnet/site-agent/data/film';
import { FilmSampler } from '@fedoxnet/site-agent/data/sampler';
import { evaluate } from '@fedoxnet/site-agent/evaluation/evaluate';
import { Prototypes } from '@fedoxnet/site-agent/losses/prototypes';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { Oxnet, PROTOTYPES } from '@fedoxnet/site-agent/model/oxnet';
import { Random } from '@fedoxnet/site-agent/random';
import { makeBatch } from '@fedoxnet/site-agent/training/batch';
import { Learner } from '@fedoxnet/site-agent/training/learner';
import { learningRate } from '@fedoxnet/site-agent/training/learning-rate';
import { LossMeans } from '@fedoxnet/site-agent/training/loss-means';
import { unsupervisedRamp } from '@fedoxnet/site-agent/training/unsupervised-ramp';
import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';

export interface Cell {
  /** One round: all of its steps follow each other with one optimiser and one teacher. */
  readonly plan: StudyPlan;
  /** Films to learn from, of these kinds alone. */
  readonly films: LoadedFilmSet;
  readonly kinds: readonly Supervision[];
  readonly heldOut: LoadedFilmSet;
  /** What it starts from. */
  readonly weights: WeightMap;
  readonly onStep: (done: number, total: number) => void;
}

export interface TrainedCell {
  /** Of the teacher, the average of the student's weights: what is scored, in every row alike. */
  readonly weights: WeightMap;
  readonly metrics: RoundMetrics;
  /** Means over the last quarter of the steps. */
  readonly losses: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Trains one learner centrally, without a federation, and scores it on the held-out films. */
export async function trainCell({
  plan,
  films,
  kinds,
  heldOut,
  weights,
  onStep,
}: Cell): Promise<TrainedCell> {
  const began = performance.now();
  const { model, training, classes } = plan;
  const first = weights.get(PROTOTYPES)!;
  const student = new Oxnet(model, classes.length, weights);
  const teacher = new Oxnet(model, classes.length, weights);
  try {
    const prototypes = new Prototypes(classes.length, first.shape[1]!, first.values);
    using learner = new Learner(plan, anchorGrid(model).boxes, student, teacher, prototypes);
    const stream = (purpose: string, ...rest: number[]) => Random.of(model.seed, purpose, ...rest);
    const sampler = new FilmSampler(films.films, training.batch, kinds, stream('films'));
    const losses = new LossMeans();
    for (let step = 0; step < training.localSteps; step++) {
      const batch = makeBatch(films, sampler.draw(), training.augmentation, stream('views', step));
      const { losses: terms } = learner.step(
        batch,
        learningRate(plan, 1, step),
        unsupervisedRamp(training, 1, step),
      );
      if (step >= 0.75 * training.localSteps) losses.add(terms);
      onStep(step + 1, training.localSteps);
    }
    learner.parameters.values.set(learner.parameters.teacher);
    learner.restored();
    const { metrics } = await evaluate(student, heldOut, { classes, batch: 8 });
    return {
      weights: new Map([
        ...student.getWeights(),
        [PROTOTYPES, { shape: first.shape, values: prototypes.values.slice() }],
      ]),
      metrics,
      losses: losses.mean(),
      seconds: (performance.now() - began) / 1000,
    };
  } finally {
    student.dispose();
    teacher.dispose();
  }
}
