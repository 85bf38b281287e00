import { FederationError } from '@fedoxnet/shared/errors';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { CoordinatorContext } from '../context.js';
import type { Actor } from '../people/roles.js';

/** Freezes a plan. The same plan again changes nothing. @throws {FederationError} `PLAN_INVALID`, `STUDY_EXISTS` */
export async function createStudy(
  { database, engine, now }: CoordinatorContext,
  value: unknown,
  by: Actor,
): Promise<{ study: string; hash: string }> {
  const plan = parseStudyPlan(value);
  const hash = planHash(plan);
  const at = now();
  const isNew = await database.transaction(async ({ studies, audit }) => {
    if (!(await studies.create(plan, hash, at))) {
      const existing = await studies.find(plan.study);
      if (existing?.planHash === hash) return false;
      throw new FederationError('STUDY_EXISTS', `A study ${plan.study} exists with another plan.`);
    }
    await audit.append(at, 'create-study', { study: plan.study, hash, by: by.name });
    return true;
  });
  const row = await database.stores.studies.find(plan.study);
  if (isNew && row !== null) await engine.addStudy(row);
  return { study: plan.study, hash };
}
