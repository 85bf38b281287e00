import type { CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import type { Notice, RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { RoundRecord } from '../storage/round-store.js';
import type { SiteRoundRow } from '../storage/round-tables.js';
import type { SiteRow } from '../storage/site-tables.js';
import type { ReleaseRow, StudyRow } from '../storage/study-tables.js';
import { MAX_CURVE_POINTS, thinCurve } from './curve.js';
import { ALARMING_SHARE } from './film-shares.js';
import type { LiveProgress } from './live-progress.js';

/** Rounds that are over are sent with every status, so their curves are kept short. */
const ENDED_CURVE_POINTS = 50;

const OPEN_PHASE: Partial<Record<RoundStatus['state'], string>> = {
  inviting: 'train',
  training: 'train',
  aggregating: 'aggregate',
  evaluating: 'evaluate',
};

function siteRound(row: SiteRoundRow, live: LiveProgress | null): SiteRound {
  const { site, state, reason, carried, filmShare, masses, uploadBytes } = row;
  const { step, steps, losses, curve, filmsPerSecond, pseudo } =
    live?.find(row.study, site, row.round) ?? row;
  const points = live === null ? ENDED_CURVE_POINTS : MAX_CURVE_POINTS;
  return {
    site,
    state,
    reason,
    stages: stagesOf(row),
    carriedFrom: carried?.round ?? null,
    filmShare,
    step,
    steps,
    losses: { ...losses },
    curve: thinCurve(curve, points).map((point) => ({ step: point.step, losses: { ...point.losses } })),
    filmsPerSecond,
    pseudo,
    masses,
    uploadBytes,
  };
}

/** Times for people, of the stages that the site reached. */
function stagesOf({ stages }: SiteRoundRow): SiteRound['stages'] {
  return Object.fromEntries(Object.entries(stages).map(([stage, at]) => [stage, new Date(at).toISOString()]));
}

/** Latest first. */
function noticesOf(history: readonly RoundStatus[]): Notice[] {
  return history
    .flatMap(({ round, sites }) =>
      sites.flatMap(({ site, state, filmShare, reason }): Notice[] => {
        const silent = state === 'missing' && filmShare !== null && filmShare >= ALARMING_SHARE;
        return silent ? [{ round, site, filmShare, reason: reason ?? 'No update came.' }] : [];
      }),
    )
    .reverse();
}

/**
 * @param release of this round, when there is one
 * @param live    for the round under way; null for one that has ended
 * @param at      milliseconds since 1970
 */
export function roundStatus(
  { round, sites }: RoundRecord,
  release: ReleaseRow | null,
  live: LiveProgress | null,
  at: number,
): RoundStatus {
  const phase = OPEN_PHASE[round.state];
  const open =
    phase === undefined
      ? {}
      : {
          [phase]: (round.seconds[phase] ?? 0) + Math.max(0, at - round.phaseSince.getTime()) / 1000,
        };
  return {
    round: round.number,
    attempt: round.attempt,
    state: round.state,
    startedAt: round.startedAt.toISOString(),
    endedAt: round.endedAt?.toISOString() ?? null,
    seconds: { ...round.seconds, ...open },
    sites: sites.map((row) => siteRound(row, live)),
    metrics: round.metrics,
    release:
      release === null
        ? null
        : { number: release.number, digest: release.header.digest, bytes: release.header.bytes },
  };
}

export interface StatusParts {
  readonly study: StudyRow;
  readonly sites: readonly SiteRow[];
  readonly history: readonly RoundStatus[];
  readonly crossSite: CrossSite | null;
  readonly live: LiveProgress;
  readonly isConnected: (site: string) => boolean;
  readonly isApproved: (site: string) => boolean;
}

export function studyStatus({
  study,
  sites,
  history,
  crossSite,
  live,
  isConnected,
  isApproved,
}: StatusParts): StudyStatus {
  const { plan } = study;
  return {
    study: study.name,
    title: plan.title,
    state: study.state,
    reason: study.reason,
    planHash: study.planHash,
    classes: plan.classes,
    rounds: plan.rounds,
    sites: plan.sites.map((site) => ({
      site,
      connected: isConnected(site),
      approved: isApproved(site),
      description: sites.find(({ name }) => name === site)?.description ?? null,
      ...live.traffic(site),
    })),
    notices: noticesOf(history),
    crossSite,
    history: [...history],
  };
}
