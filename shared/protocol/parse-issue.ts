import type { z } from 'zod';

/** The first thing zod found wrong, as `training.batch.box: expected number`; the path is left out at the root. */
export function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue === undefined) return 'is invalid';
  const path = issue.path.map(String).join('.');
  return path === '' ? issue.message : `${path}: ${issue.message}`;
}
