import {
  isCollecting,
  mayStillAccept,
  type RoundRun,
  type SiteRun,
  type SiteStanding,
  type StudyRun,
} from './run.js';

/**
 * Whom a round waits for, and until when. Each wait ends by itself: a site that is away has its lease, one that does not
 * answer its invitation or says "not now" has the same, and one whose pace is known has the time that its work should take.
 */

function awaySinceOf({ standing }: StudyRun, name: string): SiteStanding['awaySince'] {
  const site = standing[name];
  return site === undefined ? 'unapproved' : site.awaySince;
}

/** Null: as long as the round is open. −∞: not at all. */
function awaitedUntil(run: StudyRun, name: string, site: SiteRun): number | null {
  const awaySince = awaySinceOf(run, name);
  if (awaySince === 'unapproved') return -Infinity;
  if (awaySince !== null) return Math.min(awaySince + run.leaseMs, site.due ?? Infinity);
  // It is here, and was given up: it did not answer.
  if (site.state === 'missing') return -Infinity;
  const isUnanswered = site.state === 'invited' || site.state === 'postponed';
  const answer = isUnanswered ? (site.stages.invited ?? -Infinity) + run.leaseMs : Infinity;
  const end = Math.min(answer, site.due ?? Infinity);
  return end === Infinity ? null : end;
}

function evaluationAwaitedUntil(run: StudyRun, name: string): number | null {
  const awaySince = awaySinceOf(run, name);
  if (awaySince === 'unapproved') return -Infinity;
  return awaySince === null ? null : awaySince + run.leaseMs;
}

/** Sites that may still bring this phase something, with the end of the wait for each. */
function waits(run: StudyRun, round: RoundRun): [name: string, until: number | null][] {
  const sites = Object.entries(round.sites);
  if (isCollecting(round)) {
    return sites
      .filter(([, site]) => mayStillAccept(site))
      .map(([name, site]) => [name, awaitedUntil(run, name, site)]);
  }
  return sites
    .filter(([, site]) => site.evaluation === 'asked')
    .map(([name]) => [name, evaluationAwaitedUntil(run, name)]);
}

/** Sites that the phase waits for: they could still deliver, or score the release, without an operator. */
export function sitesAwaited(run: StudyRun, round: RoundRun, at: number): string[] {
  return waits(run, round)
    .filter(([, until]) => until === null || at < until)
    .map(([name]) => name);
}

/** When time alone could next change something: a `ticked` event is due then. Null when it never will. */
export function nextWake(run: StudyRun, at: number): number | null {
  const { round } = run;
  if (round === null || round.endedAt !== null) return null;
  if (isCollecting(round) ? run.state !== 'running' : round.state !== 'evaluating') return null;
  const ends = waits(run, round).flatMap(([, until]) => (until !== null && at < until ? [until] : []));
  const times = round.deadline === null ? ends : [...ends, round.deadline];
  return times.length === 0 ? null : Math.min(...times);
}
