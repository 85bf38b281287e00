import {
  PARTICIPATION_STAGES,
  type RoundStatus,
  type SiteRound,
  type StudyStatus,
} from '@fedoxnet/shared/protocol/status';
import { table } from './output.js';

const NOT_REACHED = '–';

function percent(share: number | null): string {
  return share === null ? '' : `${Math.round(100 * share)} %`;
}

/** Share of the teacher's boxes that were taken. */
function taken(pseudo: SiteRound['pseudo']): string {
  const all = pseudo === null ? 0 : pseudo.kept + pseudo.dropped;
  return pseudo === null || all === 0 ? '' : `${percent(pseudo.kept / all)} of ${all}`;
}

/** How far each site came in a round, in seconds since its start, and why one was not counted. */
export function participationTable({ startedAt, sites }: RoundStatus): string {
  const since = Date.parse(startedAt);
  const asked = sites.some(({ pseudo }) => taken(pseudo) !== '');
  const rows = sites.map(({ site, stages, carriedFrom, filmShare, pseudo, reason }) => {
    const reached = PARTICIPATION_STAGES.map((stage) => {
      const at = stages[stage];
      return at === undefined ? NOT_REACHED : `${((Date.parse(at) - since) / 1000).toFixed(0)} s`;
    });
    const carried = carriedFrom === null ? '' : `update of round ${carriedFrom}`;
    const why = [carried, reason ?? ''].filter((text) => text !== '').join('; ');
    return [site, ...reached, percent(filmShare), ...(asked ? [taken(pseudo)] : []), why];
  });
  return table(
    ['site', ...PARTICIPATION_STAGES, 'films', ...(asked ? ['pseudo boxes'] : []), 'why not counted'],
    rows,
  );
}

/** One line for each round that ended without a large site that gave no reason; empty when there was none. */
export function noticeLines({ notices }: StudyStatus): string {
  return notices
    .map(
      ({ round, site, filmShare, reason }) =>
        `Round ${round} ended without ${site}, which holds ${percent(filmShare)} of the films: ${reason}`,
    )
    .join('\n');
}
