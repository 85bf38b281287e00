import type { RoundRun, RoundState } from './run.js';

/** What the time spent in a state is booked under. */
const PHASE_NAMES: Partial<Record<RoundState, string>> = {
  inviting: 'train',
  training: 'train',
  aggregating: 'aggregate',
  evaluating: 'evaluate',
};

/** Moves the round to another phase and books the time the last one took. */
export function closePhase(
  round: RoundRun,
  state: RoundState,
  at: number,
  deadline: number | null,
): RoundRun {
  const phase = PHASE_NAMES[round.state];
  const spent = Math.max(0, at - round.phaseSince) / 1000;
  const seconds =
    phase === undefined ? round.seconds : { ...round.seconds, [phase]: (round.seconds[phase] ?? 0) + spent };
  const ended = state === 'published' || state === 'failed';
  return { ...round, state, deadline, seconds, phaseSince: at, endedAt: ended ? at : null };
}
