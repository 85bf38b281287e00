import { readFile } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { parseStudyPlan } from '@fedoxnet/shared/study/parse-plan';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';

/** @throws {FederationError} `PLAN_INVALID` when the file cannot be read, is not JSON, or a field is wrong */
export async function readPlanFile(path: string): Promise<StudyPlan> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    throw new FederationError('PLAN_INVALID', `The plan ${path} cannot be read.`, { cause });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FederationError('PLAN_INVALID', `The plan ${path} is not JSON.`, { cause });
  }
  return parseStudyPlan(value);
}
