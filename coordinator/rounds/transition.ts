import { quorumIn } from '@fedoxnet/shared/study/stage-plan';
import {
  arrive,
  failRound,
  hearFromSite,
  inviteAll,
  leaveOutWithdrawn,
  openRound,
  remind,
  settleCollection,
} from './collecting.js';
import { closePhase } from './phases.js';
import {
  isCollecting,
  isHere,
  isWithdrawn,
  isWorking,
  mapSites,
  sitesIn,
  withSite,
  type RoundRun,
  type RunEffect,
  type RunEvent,
  type SiteStanding,
  type StudyRun,
  type Transition,
} from './run.js';
import { sitesAwaited } from './waiting.js';

/**
 * The rules of a study's rounds: invite → train → collect → aggregate → evaluate → publish. Pure: no database,
 * socket or clock. An event that does not fit (late, repeated, of another attempt) changes nothing.
 *
 * A round closes when the quorum has delivered and nobody is left to wait for (waiting.ts), or when the deadline has
 * passed. Sites that declined or failed are not waited for. Without a quorum the study pauses and says why; `resumed`
 * tries the round again, and updates delivered before still count.
 */
export function transition(run: StudyRun, event: RunEvent, at: number): Transition {
  const effects: RunEffect[] = [];
  const next = settle(step(run, event, at, effects), at, effects);
  return { run: next, effects };
}

/** What the event itself changes, before anyone asks whether the phase is over. */
function step(run: StudyRun, event: RunEvent, at: number, effects: RunEffect[]): StudyRun {
  const { round } = run;
  const open = run.state !== 'finished' && run.state !== 'cancelled';
  switch (event.kind) {
    case 'started':
      return run.state === 'created' ? resume(run, at, effects) : run;
    case 'paused':
      return run.state === 'running'
        ? { ...run, state: 'paused', reason: 'The operator paused the study.' }
        : run;
    case 'resumed':
      return run.state === 'paused' || run.state === 'failed' ? resume(run, at, effects) : run;
    case 'cancelled': {
      if (!open) return run;
      effects.push({ kind: 'tell-ended', state: 'cancelled' });
      const reason = 'The operator cancelled the study.';
      const ended =
        round === null || round.endedAt !== null ? round : failRound(run, round, at, reason).round;
      return { ...run, state: 'cancelled', reason, round: ended };
    }
    case 'recovered':
      return open ? recover(run, at, effects) : run;
    case 'approved':
      return isWithdrawn(run, event.site) ? withStanding(run, event.site, { awaySince: at }) : run;
    case 'withdrawn': {
      const left = withStanding(run, event.site, { awaySince: 'unapproved' });
      return open ? leaveOutWithdrawn(left) : left;
    }
    case 'described':
      return withStanding(run, event.site, { films: event.films });
    case 'arrived':
      return arrive(withStanding(run, event.site, { awaySince: null }), event.site, at, effects);
    case 'left':
      return isHere(run, event.site) ? withStanding(run, event.site, { awaySince: at }) : run;
    case 'accepted':
    case 'declined':
    case 'postponed':
    case 'waits':
    case 'progressed':
    case 'failed':
    case 'uploaded':
      return open ? hearFromSite(run, event, at) : run;
    case 'aggregated':
      return round?.state === 'aggregating' && open ? aggregated(run, round, at, effects) : run;
    case 'refused': {
      if (round?.state !== 'aggregating' || !open) return run;
      const left = withSite(round, event.site, { state: 'failed', reason: event.reason });
      if (sitesIn(left, 'uploaded').length < quorumIn(run, left.number))
        return failRound(run, left, at, event.reason);
      effects.push({ kind: 'aggregate' });
      return { ...run, round: left };
    }
    case 'aggregation-failed':
      return round?.state === 'aggregating' && open ? failRound(run, round, at, event.reason) : run;
    case 'evaluated':
    case 'evaluation-out': {
      if (round?.state !== 'evaluating' || round.sites[event.site]?.evaluation === 'done') return run;
      const evaluation = event.kind === 'evaluated' ? 'done' : 'out';
      return { ...run, round: withSite(round, event.site, { evaluation }) };
    }
    case 'published':
      return round?.state === 'evaluating' && open ? published(run, round, at, effects) : run;
    case 'next-round':
      return run.state === 'running' && round?.state === 'published'
        ? openRound(run, round.number + 1, at, effects)
        : run;
    case 'ticked':
      return run;
  }
}

/** Ends the phase when its conditions are met, whatever the event was. */
function settle(run: StudyRun, at: number, effects: RunEffect[]): StudyRun {
  const { round } = run;
  if (isCollecting(round) && run.state === 'running') return settleCollection(run, round, at, effects);
  if (round?.state === 'published' && run.state === 'running') effects.push({ kind: 'next-round' });
  if (round?.state === 'evaluating' && run.state !== 'cancelled') {
    const late = round.deadline !== null && at >= round.deadline;
    if (late || sitesAwaited(run, round, at).length === 0) effects.push({ kind: 'publish' });
  }
  return run;
}

function withStanding(run: StudyRun, site: string, change: Partial<SiteStanding>): StudyRun {
  const before = run.standing[site];
  return before === undefined
    ? run
    : { ...run, standing: { ...run.standing, [site]: { ...before, ...change } } };
}

/** An operator sets the study going: whoever is away gets a lease from now on. */
function renewLeases(run: StudyRun, at: number): StudyRun {
  const standing = Object.entries(run.standing).map(([name, site]) => {
    const away = typeof site.awaySince === 'number';
    return [name, away ? { ...site, awaySince: at } : site] as const;
  });
  return { ...run, standing: Object.fromEntries(standing) };
}

function resume(run: StudyRun, at: number, effects: RunEffect[]): StudyRun {
  const running = renewLeases({ ...leaveOutWithdrawn(run), state: 'running', reason: null }, at);
  const { round } = running;
  if (round === null) return openRound(running, 1, at, effects);
  const deadline = at + running.deadlineMs;
  if (round.state === 'failed') {
    const again = { ...closePhase(round, 'inviting', at, deadline), attempt: round.attempt + 1 };
    return { ...running, round: inviteAll(running, again, at, effects) };
  }
  if (!isCollecting(round)) return running;
  return { ...running, round: remind(running, { ...round, deadline }, at, effects) };
}

/**
 * Nothing that was to be done may have been done, and the clock may have moved: asks for all of it again, and leaves
 * everyone at least a lease and at most a whole phase from now.
 */
function recover(before: StudyRun, at: number, effects: RunEffect[]): StudyRun {
  const run = leaveOutWithdrawn(before);
  const { round, leaseMs, deadlineMs } = run;
  if (round === null || round.deadline === null) {
    if (round?.state === 'aggregating') effects.push({ kind: 'aggregate' });
    return run;
  }
  const deadline = Math.min(Math.max(round.deadline, at + Math.min(leaseMs, deadlineMs)), at + deadlineMs);
  if (isCollecting(round)) {
    if (run.state !== 'running') return run;
    const renewed = mapSites({ ...round, deadline }, (site, name) => {
      if (isWorking(site) && isHere(run, name)) effects.push({ kind: 'invite', site: name });
      return site.due === null ? site : { ...site, due: Math.max(site.due, at + leaseMs) };
    });
    return { ...run, round: renewed };
  }
  for (const [site, { evaluation }] of Object.entries(round.sites)) {
    if (evaluation === 'asked' && isHere(run, site)) effects.push({ kind: 'ask-evaluation', site });
  }
  return { ...run, round: { ...round, deadline } };
}

function aggregated(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  effects.push({
    kind: 'tell-closed',
    to: null,
    counted: sitesIn(round, 'uploaded'),
    carried: sitesIn(round, 'late'),
  });
  const evaluating = mapSites(closePhase(round, 'evaluating', at, at + run.deadlineMs), (site, name) => {
    const counted =
      site.state === 'uploaded'
        ? { ...site, state: 'counted' as const, stages: { ...site.stages, counted: at } }
        : site;
    // A late site is at work on its update, and nobody should wait for its scores.
    if (!isHere(run, name) || site.state === 'late') return counted;
    effects.push({ kind: 'ask-evaluation', site: name });
    return { ...counted, evaluation: 'asked' as const };
  });
  return { ...run, round: evaluating };
}

function published(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  const done = { ...run, round: closePhase(round, 'published', at, null) };
  if (round.number >= run.rounds) {
    effects.push({ kind: 'tell-ended', state: 'finished' });
    return { ...done, state: 'finished', reason: null };
  }
  return done;
}
