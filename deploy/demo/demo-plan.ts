import { FederationError } from '@fedoxnet/shared/errors';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { tinyPlan, type TinyPlanOptions } from '@fedoxnet/site-agent/training/presets';
import type { DemoOptions } from './options.js';

const PRESETS: Readonly<Record<string, (options: TinyPlanOptions) => StudyPlan>> = { tiny: tinyPlan };

interface Schedule {
  readonly rounds: number;
  readonly steps: number;
  readonly size: number;
}

/** Chosen on two cores: phantoms in six minutes, real films in forty. */
const PHANTOM_SCHEDULE: Schedule = { rounds: 12, steps: 40, size: 128 };
const FILM_SCHEDULE: Schedule = { rounds: 16, steps: 60, size: 192 };

/** @throws {FederationError} `USAGE` for a preset that does not exist */
export function scheduleOf(options: DemoOptions): Schedule {
  if (!Object.hasOwn(PRESETS, options.preset)) {
    throw new FederationError(
      'USAGE',
      `--preset ${options.preset} is not one of ${Object.keys(PRESETS).join(', ')}.`,
    );
  }
  const usual = options.data === null ? PHANTOM_SCHEDULE : FILM_SCHEDULE;
  return {
    rounds: options.rounds ?? usual.rounds,
    steps: options.steps ?? usual.steps,
    size: options.size ?? usual.size,
  };
}

/** The plan of the demo's study. */
export function demoPlan(
  options: DemoOptions,
  classes: readonly string[],
  sites: readonly string[],
): StudyPlan {
  const { rounds, steps, size } = scheduleOf(options);
  const preset = PRESETS[options.preset];
  if (preset === undefined) throw new FederationError('USAGE', `There is no preset ${options.preset}.`);
  return preset({
    study: 'demo',
    title: `OXnet across ${sites.length} hospitals`,
    classes,
    sites,
    rounds,
    localSteps: steps,
    size,
    seed: options.seed,
  });
}

/** The same plan for one hospital: as many rounds of as many steps, from the same first weights. */
export function alonePlan(plan: StudyPlan, site: string): StudyPlan {
  return { ...plan, study: `${plan.study}-alone-${site}`, title: `${site} alone`, sites: [site], quorum: 1 };
}
