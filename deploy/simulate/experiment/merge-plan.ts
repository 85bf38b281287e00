import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';

/** A part of a plan as an experiment file gives it. */
export type PlanPart = Readonly<Record<string, unknown>>;

/** What the simulator decides itself. */
export interface PlanFrame {
  readonly study: string;
  readonly title: string;
  readonly sites: readonly string[];
  readonly seed: number;
}

/** What a plan of phantoms begins with, where the file says nothing else. */
const USUAL = { rounds: 10, localSteps: 20, size: 96 } as const;
/** Of pyramid levels: anchors of higher ones are larger than a film of that size. */
const LEVELS = [3, 5] as const;

/**
 * The plan of one run: the tiny preset, and over it each part in turn.
 * @throws {FederationError} `PLAN_INVALID` naming the first wrong field
 */
export function mergePlan(
  { study, title, sites, seed }: PlanFrame,
  classes: readonly string[],
  parts: readonly PlanPart[],
): StudyPlan {
  const preset = tinyPlan({ study, title, classes, sites, seed, ...USUAL });
  const merged = parts.reduce<PlanPart>((plan, part) => laidOver(plan, part), {
    ...preset,
    model: { ...preset.model, levels: LEVELS },
  });
  return parseStudyPlan(
    laidOver(merged, { study, title, sites: [...sites], quorum: sites.length, model: { seed } }),
  );
}

/** Objects are merged field by field; a list or value replaces what was there, and null removes it. */
function laidOver(base: PlanPart, part: PlanPart): PlanPart {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(part)) {
    if (value === null) delete merged[key];
    else if (isPart(value)) merged[key] = laidOver(isPart(merged[key]) ? merged[key] : {}, value);
    else merged[key] = value;
  }
  return merged;
}

function isPart(value: unknown): value is PlanPart {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
