import { isCollecting, isWorking, type RoundRun, type StudyRun } from './run.js';

/** Whom a round waits for. A site that is away is waited for until its lease ends. */

function leaseEnd(run: StudyRun, site: string): number | null {
  const since = run.awaySince[site];
  return since === null || since === undefined ? null : since + run.leaseMs;
}

function isWithinLease(run: StudyRun, site: string, at: number): boolean {
  const end = leaseEnd(run, site);
  return end === null || at < end;
}

/** Sites that could still deliver an update before the deadline, without an operator. */
export function sitesAwaited(run: StudyRun, round: RoundRun, at: number): string[] {
  return Object.entries(round.sites)
    .filter(([, site]) => isWorking(site) || site.state === 'missing')
    .filter(([name]) => isWithinLease(run, name, at))
    .map(([name]) => name);
}

/** Sites that could still answer the call to score the release. */
export function evaluationsAwaited(run: StudyRun, round: RoundRun, at: number): string[] {
  return Object.entries(round.sites)
    .filter(([name, site]) => site.evaluation === 'asked' && isWithinLease(run, name, at))
    .map(([name]) => name);
}

/** When time alone could next change something: a `ticked` event is due then. Null when it never will. */
export function nextWake(run: StudyRun, at: number): number | null {
  const round = run.round;
  if (round === null || round.endedAt !== null) return null;
  const collecting = isCollecting(round);
  if (collecting ? run.state !== 'running' : round.state !== 'evaluating') return null;
  const awaited = collecting ? sitesAwaited(run, round, at) : evaluationsAwaited(run, round, at);
  const leases = awaited.map((site) => leaseEnd(run, site)).filter((end) => end !== null);
  const times = round.deadline === null ? leases : [...leases, round.deadline];
  return times.length === 0 ? null : Math.min(...times);
}
