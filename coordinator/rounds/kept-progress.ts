import type { RoundStore } from '../storage/round-store.js';
import type { LiveProgress } from './live-progress.js';

/** Takes what was kept of a round under way back into memory, after a start. */
export async function restoreProgress(rounds: RoundStore, live: LiveProgress, study: string): Promise<void> {
  const latest = await rounds.latest(study);
  if (latest === null || latest.round.endedAt !== null) return;
  const { number: round, attempt } = latest.round;
  for (const { site, step, steps, losses, curve, filmsPerSecond, pseudo } of latest.sites) {
    live.restore(study, site, { round, attempt, step, steps, losses, curve, filmsPerSecond, pseudo });
  }
}

/** Keeps what sites said since the last call. */
export async function keepProgress(
  rounds: RoundStore,
  live: LiveProgress,
  studies: Iterable<string>,
): Promise<void> {
  for (const study of studies) {
    for (const { site, live: progress } of live.takeUnwritten(study)) {
      const { round, step, steps, losses, curve, filmsPerSecond, pseudo } = progress;
      await rounds.putProgress(study, round, site, { step, steps, losses, curve, filmsPerSecond, pseudo });
    }
  }
}
