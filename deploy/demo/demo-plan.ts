import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { tinyPlan, type TinyPlanOptions } from '@fedoxnet/site-agent/training/presets';
import type { DemoOptions } from './options.js';

const PRESETS: Readonly<Record<string, (options: TinyPlanOptions) => StudyPlan>> = { tiny: tinyPlan };

interface Schedule {
  readonly rounds: number;
  readonly steps: number;
  readonly size: number;
  /** Steps on phantoms that make the first model. */
  readonly practice: number;
  /** Share of the rounds before the teacher is heard: young, it costs half of each step and teaches little. */
  readonly teacherAfter: number;
}

/** Chosen on two cores: phantoms in six minutes, real films in forty. */
const PHANTOM_SCHEDULE: Schedule = { rounds: 14, steps: 45, size: 128, practice: 0, teacherAfter: 0.5 };
const FILM_SCHEDULE: Schedule = { rounds: 20, steps: 150, size: 128, practice: 600, teacherAfter: 0.8 };

/** @throws {FederationError} `USAGE` for a preset that does not exist */
export function scheduleOf(options: DemoOptions): Schedule {
  if (!Object.hasOwn(PRESETS, options.preset)) {
    throw new FederationError(
      'USAGE',
      `--preset ${options.preset} is not one of ${Object.keys(PRESETS).join(', ')}.`,
    );
  }
  const usual = options.data === null ? PHANTOM_SCHEDULE : FILM_SCHEDULE;
  const rounds = options.rounds ?? usual.rounds;
  const steps = options.steps ?? usual.steps;
  return {
    rounds,
    steps,
    size: options.size ?? usual.size,
    // A quick look at real films should not begin with a long practice.
    practice: options.practice ?? Math.min(usual.practice, rounds * steps),
    teacherAfter: usual.teacherAfter,
  };
}

/** The plan of the demo's study. */
export function demoPlan(
  options: DemoOptions,
  classes: readonly string[],
  sites: readonly string[],
): StudyPlan {
  const { rounds, steps, size, teacherAfter } = scheduleOf(options);
  const preset = PRESETS[options.preset];
  if (preset === undefined) throw new FederationError('USAGE', `There is no preset ${options.preset}.`);
  const plan = preset({
    study: 'demo',
    title: `OXnet across ${sites.length} hospitals`,
    classes,
    sites,
    rounds,
    localSteps: steps,
    size,
    seed: options.seed,
  });
  const teacherFromRound = Math.min(rounds, Math.floor(rounds * teacherAfter) + 1);
  const { training, evaluation } = plan;
  return {
    ...plan,
    training: { ...training, losses: { ...training.losses, teacherFromRound } },
    // Its films are drawn, or public: nobody's to protect.
    evaluation: { ...evaluation, suppressBelow: 1 },
  };
}

/** The same plan for one hospital: as many rounds of as many steps, from the same first weights. */
export function alonePlan(plan: StudyPlan, site: string): StudyPlan {
  return { ...plan, study: `${plan.study}-alone-${site}`, title: `${site} alone`, sites: [site], quorum: 1 };
}
