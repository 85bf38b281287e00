import {
  isCollecting,
  isWorking,
  sitesIn,
  type RoundRun,
  type RoundState,
  type RunEffect,
  type RunEvent,
  type SiteRun,
  type StudyRun,
  type Transition,
} from './run.js';
import { evaluationsAwaited, sitesAwaited } from './waiting.js';

/**
 * The rules of a study's rounds: invite → train → collect → aggregate → evaluate → publish. Pure: no database,
 * socket or clock. An event that does not fit (late, repeated, of another attempt) changes nothing.
 *
 * A round closes when the quorum has delivered and nobody is left to wait for, or when the deadline has passed.
 * Sites that declined or failed are not waited for. Without a quorum the study pauses and says why; `resumed`
 * tries the round again, and updates delivered before still count.
 */
export function transition(run: StudyRun, event: RunEvent, at: number): Transition {
  const effects: RunEffect[] = [];
  const next = settle(step(run, event, at, effects), at, effects);
  return { run: next, effects };
}

const PHASE_NAMES: Partial<Record<RoundState, string>> = {
  inviting: 'train',
  training: 'train',
  aggregating: 'aggregate',
  evaluating: 'evaluate',
};

/** Moves the round to another phase and books the time the last one took. */
function enter(round: RoundRun, state: RoundState, at: number, deadline: number | null): RoundRun {
  const phase = PHASE_NAMES[round.state];
  const spent = Math.max(0, at - round.phaseSince) / 1000;
  const seconds =
    phase === undefined ? round.seconds : { ...round.seconds, [phase]: (round.seconds[phase] ?? 0) + spent };
  const ended = state === 'published' || state === 'failed';
  return { ...round, state, deadline, seconds, phaseSince: at, endedAt: ended ? at : null };
}

function withSite(round: RoundRun, site: string, change: Partial<SiteRun>): RoundRun {
  const before = round.sites[site];
  return before === undefined
    ? round
    : { ...round, sites: { ...round.sites, [site]: { ...before, ...change } } };
}

function mapSites(round: RoundRun, change: (site: SiteRun, name: string) => SiteRun): RoundRun {
  const sites = Object.entries(round.sites).map(([name, site]) => [name, change(site, name)] as const);
  return { ...round, sites: Object.fromEntries(sites) };
}

const INVITED: SiteRun = { state: 'invited', reason: null, evaluation: 'none' };
const ABSENT: SiteRun = { state: 'missing', reason: 'The site is not connected.', evaluation: 'none' };

/** Invites whoever is here; the rest is missing until it arrives. Keeps what was delivered. */
function inviteAll(run: StudyRun, round: RoundRun, effects: RunEffect[]): RoundRun {
  return mapSites(round, (site, name) => {
    if (site.state === 'uploaded') return site;
    if (run.awaySince[name] !== null) return ABSENT;
    effects.push({ kind: 'invite', site: name });
    return INVITED;
  });
}

/** Sites that are away when a round begins get a lease from now on. */
function renewLeases(run: StudyRun, at: number): StudyRun {
  const awaySince = Object.entries(run.awaySince).map(([site, since]) => [site, since === null ? null : at]);
  return { ...run, awaySince: Object.fromEntries(awaySince) as StudyRun['awaySince'] };
}

function openRound(run: StudyRun, number: number, at: number, effects: RunEffect[]): StudyRun {
  const sites = Object.fromEntries(Object.keys(run.awaySince).map((site) => [site, ABSENT]));
  const round: RoundRun = {
    number,
    attempt: 1,
    state: 'inviting',
    deadline: at + run.deadlineMs,
    startedAt: at,
    phaseSince: at,
    endedAt: null,
    seconds: {},
    sites,
  };
  return { ...run, round: inviteAll(run, round, effects) };
}

function resume(run: StudyRun, at: number, effects: RunEffect[]): StudyRun {
  const running = renewLeases({ ...run, state: 'running', reason: null }, at);
  const round = running.round;
  if (round === null) return openRound(running, 1, at, effects);
  const deadline = at + running.deadlineMs;
  if (round.state === 'failed') {
    const again = { ...enter(round, 'inviting', at, deadline), attempt: round.attempt + 1 };
    return { ...running, round: inviteAll(running, again, effects) };
  }
  if (!isCollecting(round)) return running;
  const working = mapSites({ ...round, deadline }, (site, name) => {
    const here = running.awaySince[name] === null;
    if (!here || !(isWorking(site) || site.state === 'missing')) return site;
    effects.push({ kind: 'invite', site: name });
    return INVITED;
  });
  return { ...running, round: working };
}

function arrive(run: StudyRun, site: string, effects: RunEffect[]): StudyRun {
  const here = { ...run, awaySince: { ...run.awaySince, [site]: null } };
  const round = here.round;
  const part = round?.sites[site];
  if (round === null || part === undefined) return here;
  const wanted = isWorking(part) || part.state === 'missing' || part.state === 'failed';
  if (isCollecting(round) && run.state === 'running' && wanted) {
    effects.push({ kind: 'invite', site });
    return { ...here, round: withSite(round, site, INVITED) };
  }
  if (round.state === 'evaluating' && part.evaluation !== 'done') {
    effects.push({ kind: 'ask-evaluation', site });
    return { ...here, round: withSite(round, site, { evaluation: 'asked' }) };
  }
  return here;
}

/** What a message of a site about its own work changes. */
function hearFromSite(
  run: StudyRun,
  event: Extract<RunEvent, { readonly site: string; readonly attempt: number }>,
): StudyRun {
  const round = run.round;
  const part = round?.sites[event.site];
  if (!isCollecting(round) || part === undefined || event.attempt !== round.attempt) return run;
  // Delivered is delivered; everything else may still be overtaken by an upload that got through.
  if (part.state === 'uploaded' || (!isWorking(part) && event.kind !== 'uploaded')) return run;
  switch (event.kind) {
    case 'accepted': {
      const accepted = part.state === 'invited' ? withSite(round, event.site, { state: 'accepted' }) : round;
      return { ...run, round: round.state === 'inviting' ? { ...accepted, state: 'training' } : accepted };
    }
    case 'progressed': {
      const state = part.state === 'uploading' ? part.state : event.state;
      return { ...run, round: { ...withSite(round, event.site, { state }), state: 'training' } };
    }
    case 'declined':
    case 'failed':
      return { ...run, round: withSite(round, event.site, { state: event.kind, reason: event.reason }) };
    case 'uploaded': {
      const delivered = withSite(round, event.site, { state: 'uploaded', reason: null });
      return {
        ...run,
        round: delivered.state === 'training' ? delivered : { ...delivered, state: 'training' },
      };
    }
  }
}

function failRound(run: StudyRun, round: RoundRun, at: number, reason: string): StudyRun {
  const closed = mapSites(enter(round, 'failed', at, null), (site) =>
    isWorking(site) ? { ...site, state: 'missing', reason: 'No update came before the round ended.' } : site,
  );
  return { ...run, state: 'paused', reason, round: closed };
}

function closeCollection(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  effects.push({ kind: 'aggregate' });
  const closed = mapSites(enter(round, 'aggregating', at, null), (site) =>
    isWorking(site) ? { ...site, state: 'missing', reason: 'No update came before the round closed.' } : site,
  );
  return { ...run, round: closed };
}

function aggregated(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  effects.push({ kind: 'tell-closed', counted: sitesIn(round, 'uploaded') });
  const evaluating = mapSites(enter(round, 'evaluating', at, at + run.deadlineMs), (site, name) => {
    const counted = site.state === 'uploaded' ? { ...site, state: 'counted' as const } : site;
    if (run.awaySince[name] !== null) return counted;
    effects.push({ kind: 'ask-evaluation', site: name });
    return { ...counted, evaluation: 'asked' as const };
  });
  return { ...run, round: evaluating };
}

function published(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  const done = { ...run, round: enter(round, 'published', at, null) };
  if (round.number >= run.rounds) {
    effects.push({ kind: 'tell-ended', state: 'finished' });
    return { ...done, state: 'finished', reason: null };
  }
  return done;
}

/** What the event itself changes, before anyone asks whether the phase is over. */
function step(run: StudyRun, event: RunEvent, at: number, effects: RunEffect[]): StudyRun {
  const round = run.round;
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
      if (round?.state === 'aggregating' && open) effects.push({ kind: 'aggregate' });
      return run;
    case 'arrived':
      return Object.hasOwn(run.awaySince, event.site) ? arrive(run, event.site, effects) : run;
    case 'left':
      return run.awaySince[event.site] === null
        ? { ...run, awaySince: { ...run.awaySince, [event.site]: at } }
        : run;
    case 'accepted':
    case 'declined':
    case 'progressed':
    case 'failed':
    case 'uploaded':
      return open ? hearFromSite(run, event) : run;
    case 'aggregated':
      return round?.state === 'aggregating' && open ? aggregated(run, round, at, effects) : run;
    case 'refused': {
      if (round?.state !== 'aggregating' || !open) return run;
      const left = withSite(round, event.site, { state: 'failed', reason: event.reason });
      if (sitesIn(left, 'uploaded').length < run.quorum) return failRound(run, left, at, event.reason);
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
        ? openRound(renewLeases(run, at), round.number + 1, at, effects)
        : run;
    case 'ticked':
      return run;
  }
}

function plural(count: number): string {
  return `${count} update${count === 1 ? '' : 's'}`;
}

/** Ends the phase when its conditions are met, whatever the event was. */
function settle(run: StudyRun, at: number, effects: RunEffect[]): StudyRun {
  const round = run.round;
  if (isCollecting(round) && run.state === 'running') return settleCollection(run, round, at, effects);
  if (round?.state === 'published' && run.state === 'running') effects.push({ kind: 'next-round' });
  if (round?.state === 'evaluating' && run.state !== 'cancelled') {
    const late = round.deadline !== null && at >= round.deadline;
    if (late || evaluationsAwaited(run, round, at).length === 0) effects.push({ kind: 'publish' });
  }
  return run;
}

function settleCollection(run: StudyRun, before: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  const awaited = new Set(sitesAwaited(run, before, at));
  const round = mapSites(before, (site, name) =>
    isWorking(site) && !awaited.has(name)
      ? { ...site, state: 'missing', reason: 'The connection to the site was lost.' }
      : site,
  );
  const delivered = sitesIn(round, 'uploaded').length;
  const late = round.deadline !== null && at >= round.deadline;
  if (delivered >= run.quorum && (late || awaited.size === 0)) {
    return closeCollection(run, round, at, effects);
  }
  const lost = sitesIn(round, 'declined').length + sitesIn(round, 'failed').length;
  const possible = Object.keys(round.sites).length - lost;
  if (late || possible < run.quorum) {
    const why = late ? 'before its deadline' : 'and the other sites declined or failed';
    const reason = `Round ${round.number} got ${plural(delivered)} of the ${run.quorum} it needs ${why}.`;
    return failRound(run, round, at, reason);
  }
  return { ...run, round };
}
