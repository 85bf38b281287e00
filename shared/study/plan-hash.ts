import { digestOf } from '../weights/digest.js';
import { canonicalJson } from './canonical-json.js';
import type { StudyPlan } from './plan.js';

/** The name under which everyone approves and cites a plan: SHA-256 of its canonical JSON, in hexadecimal. */
export function planHash(plan: StudyPlan): string {
  return digestOf(canonicalJson(plan));
}
