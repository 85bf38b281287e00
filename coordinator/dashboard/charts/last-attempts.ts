import type { RoundStatus } from '@fedoxnet/shared/protocol/status';

/** The last attempt of each round, rounds rising. */
export function lastAttempts(history: readonly RoundStatus[]): RoundStatus[] {
  const last = new Map<number, RoundStatus>();
  for (const round of history) {
    if (round.attempt >= (last.get(round.round)?.attempt ?? 0)) last.set(round.round, round);
  }
  return [...last.values()].sort((a, b) => a.round - b.round);
}
