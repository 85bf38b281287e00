import { PARTICIPATION_STAGES, type RoundStatus, type StudyStatus } from '@fedoxnet/shared/protocol/status';
import { table } from './output.js';

const NOT_REACHED = '–';

function percent(share: number | null): string {
  return share === null ? '' : `${Math.round(100 * share)} %`;
}

/** How far each site came in a round, in seconds since its start, and why one was not counted. */
export function participationTable({ startedAt, sites }: RoundStatus): string {
  const since = Date.parse(startedAt);
  const rows = sites.map(({ site, stages, carriedFrom, filmShare, reason }) => {
    const reached = PARTICIPATION_STAGES.map((stage) => {
      const at = stages[stage];
      return at === undefined ? NOT_REACHED : `${((Date.parse(at) - since) / 1000).toFixed(0)} s`;
    });
    const carried = carriedFrom === null ? '' : `update of round ${carriedFrom}`;
    const why = [carried, reason ?? ''].filter((text) => text !== '').join('; ');
    return [site, ...reached, percent(filmShare), why];
  });
  return table(['site', ...PARTICIPATION_STAGES, 'films', 'why not counted'], rows);
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
