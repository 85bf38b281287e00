import { quorumIn } from '@fedoxnet/shared/study/stage-plan';
import { alarmsOf, filmShares } from './film-shares.js';
import { allowanceMs } from './pace.js';
import {
  assignmentOf,
  isAssigned,
  isCollecting,
  isHere,
  isWithdrawn,
  isWorking,
  mapSites,
  mayStillAccept,
  sitesIn,
  withSite,
  type RoundRun,
  type RunEffect,
  type RunEvent,
  type SiteRun,
  type StudyRun,
} from './run.js';
import { closePhase } from './phases.js';
import { sitesAwaited } from './waiting.js';

/** The first part of a round: sites are invited, say how they get on, and deliver. Pure, as all of the rules. */

const NOBODY_YET: SiteRun = {
  state: 'missing',
  reason: null,
  evaluation: 'none',
  stages: {},
  due: null,
  carried: null,
  filmShare: null,
};

function absent(run: StudyRun, name: string, site: SiteRun): SiteRun {
  const reason = isWithdrawn(run, name)
    ? 'The site has not approved the plan.'
    : 'The site is not connected.';
  return { ...site, state: 'missing', reason, evaluation: 'none' };
}

function invited(run: StudyRun, name: string, site: SiteRun, at: number): SiteRun {
  const allowance = allowanceMs(run.standing[name]?.pace ?? null, run, run.leaseMs);
  const due = allowance === null ? null : at + allowance;
  return { ...site, state: 'invited', reason: null, evaluation: 'none', stages: { invited: at }, due };
}

/** Invites whoever is here; the rest is missing until it arrives. Keeps what was delivered. */
export function inviteAll(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): RoundRun {
  return mapSites(round, (site, name) => {
    if (site.state === 'uploaded') return site;
    if (!isHere(run, name)) return absent(run, name, site);
    effects.push({ kind: 'invite', site: name });
    return invited(run, name, site, at);
  });
}

/** A site that was late for the round before goes on with that work, and brings it into this round. */
function partOf(before: RoundRun | null, name: string): SiteRun {
  const old = before?.sites[name];
  if (old?.state !== 'late' || before === null) return NOBODY_YET;
  return { ...NOBODY_YET, carried: assignmentOf(before, name) };
}

export function openRound(run: StudyRun, number: number, at: number, effects: RunEffect[]): StudyRun {
  const parts = Object.keys(run.standing).map((name) => [name, partOf(run.round, name)] as const);
  const round: RoundRun = {
    number,
    attempt: 1,
    state: 'inviting',
    deadline: at + run.deadlineMs,
    startedAt: at,
    phaseSince: at,
    endedAt: null,
    seconds: {},
    sites: Object.fromEntries(parts),
  };
  return { ...run, round: inviteAll(run, round, at, effects) };
}

/** Asks those who are at work once more: their invitation may have been lost. They go on where they are. */
export function remind(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): RoundRun {
  return mapSites(round, (site, name) => {
    if (!isHere(run, name) || !mayStillAccept(site)) return site;
    effects.push({ kind: 'invite', site: name });
    return invited(run, name, site, at);
  });
}

/**
 * Of a site that was revoked, or has other keys now, nothing is taken any more: what it delivered is left out of a round that is
 * collected or tried again. What is being summed stays, because it may be in the sum already.
 */
export function leaveOutWithdrawn(run: StudyRun): StudyRun {
  const { round } = run;
  if (round === null) return run;
  const isOpen = isCollecting(round) || round.state === 'failed';
  const left = mapSites(round, (site, name) => {
    const hasPart = site.state === 'late' || (isOpen && site.state !== 'missing');
    if (!hasPart || !isWithdrawn(run, name)) return site;
    return { ...site, state: 'failed', reason: 'The site was revoked, or has other keys now.' };
  });
  return { ...run, round: left };
}

/** A site connected, or approved while it was connected. */
export function arrive(run: StudyRun, site: string, at: number, effects: RunEffect[]): StudyRun {
  const { round } = run;
  const part = round?.sites[site];
  if (round === null || part === undefined) return run;
  const wanted = mayStillAccept(part) || part.state === 'failed';
  if (isCollecting(round) && run.state === 'running' && wanted) {
    effects.push({ kind: 'invite', site });
    return { ...run, round: withSite(round, site, invited(run, site, part, at)) };
  }
  if (round.state === 'evaluating' && part.evaluation !== 'done' && part.state !== 'late') {
    // It may have been away when the collection closed, and still be at work for it.
    const [counted, carried] = [sitesIn(round, 'counted'), sitesIn(round, 'late')];
    effects.push({ kind: 'tell-closed', to: site, counted, carried }, { kind: 'ask-evaluation', site });
    return { ...run, round: withSite(round, site, { evaluation: 'asked' }) };
  }
  return run;
}

type WordOfWork = Extract<RunEvent, { readonly site: string; readonly attempt: number }>;

/** What a message of a site about its own work changes. */
export function hearFromSite(run: StudyRun, event: WordOfWork, at: number): StudyRun {
  const { round } = run;
  const part = round?.sites[event.site];
  if (round === null || part === undefined || !isAssigned(round, event.site, event)) return run;
  if (isWithdrawn(run, event.site)) return run;
  if (part.state === 'late' && event.kind === 'failed') {
    return { ...run, round: withSite(round, event.site, { state: 'failed', reason: event.reason }) };
  }
  // Delivered is delivered; everything else may still be overtaken by an upload that got through.
  if (!isCollecting(round) || part.state === 'uploaded') return run;
  const answers = ANSWERS.has(event.kind);
  if (!isWorking(part) && !(mayStillAccept(part) && answers) && event.kind !== 'uploaded') return run;
  const heard = withSite(round, event.site, wordChanges(part, event, at));
  const opens = event.kind === 'accepted' || event.kind === 'progressed' || event.kind === 'uploaded';
  const state = opens ? 'training' : round.state;
  const after = { ...run, round: heard.state === state ? heard : { ...heard, state } };
  return event.kind === 'uploaded' ? paced(after, event) : after;
}

/** What a site says to an invitation. */
const ANSWERS: ReadonlySet<WordOfWork['kind']> = new Set(['accepted', 'postponed', 'waits', 'declined']);

function wordChanges(part: SiteRun, event: WordOfWork, at: number): Partial<SiteRun> {
  const stages = { ...part.stages };
  switch (event.kind) {
    case 'accepted':
      stages.accepted ??= at;
      return isWorking(part) && part.state !== 'invited'
        ? { stages }
        : { state: 'accepted', reason: null, stages };
    case 'progressed':
      stages.accepted ??= at;
      if (event.state === 'uploading') stages.trained ??= at;
      return { state: part.state === 'uploading' ? part.state : event.state, stages };
    case 'postponed':
      // One that is at work has accepted meanwhile: this is the answer to an older question.
      return isWorking(part) && part.state !== 'invited' ? {} : { state: event.kind, reason: event.reason };
    case 'waits':
      return { state: 'waiting', reason: event.reason };
    case 'declined':
    case 'failed':
      return { state: event.kind, reason: event.reason };
    case 'uploaded':
      stages.accepted ??= at;
      stages.trained ??= at;
      return { state: 'uploaded', reason: null, stages: { ...stages, uploaded: at } };
  }
}

/** An update shows how fast its site is. */
function paced(run: StudyRun, { site, pace }: Extract<RunEvent, { kind: 'uploaded' }>): StudyRun {
  const standing = run.standing[site];
  if (standing === undefined || pace === undefined || pace === null) return run;
  return { ...run, standing: { ...run.standing, [site]: { ...standing, pace } } };
}

/** Ends the round without a release: the study pauses, and what was delivered is kept for another attempt. */
export function failRound(run: StudyRun, round: RoundRun, at: number, reason: string): StudyRun {
  const closed = mapSites(closePhase(round, 'failed', at, null), (site) =>
    isWorking(site) || site.state === 'late'
      ? { ...site, state: 'missing', reason: 'No update came before the round ended.' }
      : site,
  );
  return { ...run, state: 'paused', reason, round: closed };
}

/** Ends the collection when its conditions are met, whatever has just happened. */
export function settleCollection(
  run: StudyRun,
  before: RoundRun,
  at: number,
  effects: RunEffect[],
): StudyRun {
  const awaited = new Set(sitesAwaited(run, before, at));
  const round = giveUpSilent(run, before, awaited);
  const delivered = sitesIn(round, 'uploaded').length;
  const late = round.deadline !== null && at >= round.deadline;
  const quorum = quorumIn(run, round.number);
  if (delivered >= quorum && (late || awaited.size === 0)) {
    return closeCollection(run, round, at, effects);
  }
  const lost = sitesIn(round, 'declined').length + sitesIn(round, 'failed').length;
  const possible = Object.keys(round.sites).length - sitesIn(round, 'waiting').length - lost;
  if (late || possible < quorum) {
    const why = late
      ? 'before its deadline'
      : 'and the other sites declined, failed or wait for a later stage';
    const updates = `${delivered} update${delivered === 1 ? '' : 's'}`;
    const reason = `Round ${round.number} got ${updates} of the ${quorum} it needs ${why}.`;
    const failed = failRound(run, round, at, reason);
    if (late && failed.round !== null) return sounded(failed, failed.round, effects);
    return failed;
  }
  return { ...run, round };
}

/** Nobody waits any longer for a site that is away or does not answer; one that is only slow is still at work. */
function giveUpSilent(run: StudyRun, round: RoundRun, awaited: ReadonlySet<string>): RoundRun {
  return mapSites(round, (site, name) => {
    if (!isWorking(site) || awaited.has(name)) return site;
    if (!isHere(run, name)) {
      return { ...site, state: 'missing', reason: 'The connection to the site was lost.' };
    }
    if (site.state !== 'invited') return site;
    return { ...site, state: 'missing', reason: 'The site did not answer its invitation.' };
  });
}

function closeCollection(run: StudyRun, round: RoundRun, at: number, effects: RunEffect[]): StudyRun {
  effects.push({ kind: 'aggregate' });
  const carries = run.stragglers === 'carry' && round.number < run.rounds;
  const closed = mapSites(closePhase(round, 'aggregating', at, null), (site) => {
    if (!isWorking(site)) return site;
    if (carries && site.carried === null) {
      return { ...site, state: 'late', reason: 'Late: its update may be counted in the next round.' };
    }
    return { ...site, state: 'missing', reason: 'No update came before the round closed.' };
  });
  return sounded({ ...run, round: closed }, closed, effects);
}

/** Notes what share of the films each site holds, and raises the alarm for large ones that fell silent. */
function sounded(run: StudyRun, round: RoundRun, effects: RunEffect[]): StudyRun {
  const shares = filmShares(run);
  const shared = mapSites(round, (site, name) => ({ ...site, filmShare: shares[name] ?? null }));
  effects.push(...alarmsOf(shared));
  return { ...run, round: shared };
}
