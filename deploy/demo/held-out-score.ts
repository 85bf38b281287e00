import { fileURLToPath } from 'node:url';
import { roundMetrics, type RoundMetrics } from '@fedoxnet/shared/protocol/status';
import { z } from 'zod';
import type { ChildProcesses } from './child-processes.js';
import type { ScoreRequest } from './score-release.js';

const SCORER = fileURLToPath(new URL('./score-release.js', import.meta.url));
const reply = z.object({ films: z.number().int(), metrics: roundMetrics });

/** Scores a model on the held-out films in a process of its own. */
export async function scoreHeldOut(
  processes: ChildProcesses,
  log: string,
  request: ScoreRequest,
): Promise<{ readonly films: number; readonly metrics: RoundMetrics }> {
  const text = await processes.run({ name: 'scorer', args: [SCORER, JSON.stringify(request)], log });
  return reply.parse(JSON.parse(text));
}
