import type { StateWord } from '@fedoxnet/shared/page/state-word';
import type { RoundStatus, SiteRound, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { formatPrecision, formatSeconds } from './format.js';
import { formatBytes, NOT_KNOWN, shortHash } from './page/numbers.js';
import { PARTICIPATION_STAGES, ROUND_PHASES, ROUND_WORDS, SITE_ROUND_WORDS } from './state-words.js';

const LEFT_OUT: ReadonlySet<SiteRound['state']> = new Set([
  'declined',
  'failed',
  'missing',
  'late',
  'postponed',
  'waiting',
]);

/** One line of the table of rounds, as text. */
export interface RoundRow {
  /** Stable over the life of the study. */
  readonly key: string;
  readonly round: string;
  readonly state: StateWord;
  /** Seconds of each of ROUND_PHASES. */
  readonly seconds: readonly string[];
  readonly total: string;
  /** Sites invited, accepted, trained, uploaded and counted: "4 → 4 → 3 → 3 → 3". */
  readonly participation: string;
  /** "3 of 4", then a line for each site that is not counted and why, or that brought an earlier round's update. */
  readonly counted: string;
  readonly leftOut: readonly string[];
  readonly ap40: string;
  readonly release: string;
  readonly digest: string;
  readonly releaseBytes: string;
}

/** The latest round first; a round that was tried again has a row per attempt. */
export function roundRows(status: StudyStatus): RoundRow[] {
  return status.history
    .map((round): RoundRow => {
      const { release } = round;
      const spent = Object.values(round.seconds);
      return {
        key: `${round.round}.${round.attempt}`,
        round: round.attempt === 1 ? String(round.round) : `${round.round} (attempt ${round.attempt})`,
        state: ROUND_WORDS[round.state],
        seconds: ROUND_PHASES.map(({ key }) => secondsOf(round, key)),
        total: spent.length === 0 ? NOT_KNOWN : formatSeconds(spent.reduce((sum, value) => sum + value, 0)),
        participation: participation(round),
        counted: counted(round),
        leftOut: [...leftOut(round), ...carried(round)],
        ap40: formatPrecision(round.metrics?.mean.ap40 ?? null),
        release: release === null ? NOT_KNOWN : String(release.number),
        digest: release === null ? NOT_KNOWN : shortHash(release.digest),
        releaseBytes: release === null ? NOT_KNOWN : formatBytes(release.bytes),
      };
    })
    .reverse();
}

function secondsOf(round: RoundStatus, phase: string): string {
  const seconds = round.seconds[phase];
  return seconds === undefined ? NOT_KNOWN : formatSeconds(seconds);
}

function counted({ sites, state }: RoundStatus): string {
  const number = sites.filter((site) => site.state === 'counted').length;
  const open = state === 'inviting' || state === 'training';
  return open && number === 0 ? NOT_KNOWN : `${number} of ${sites.length}`;
}

function participation({ sites }: RoundStatus): string {
  return PARTICIPATION_STAGES.map((stage) => sites.filter(({ stages }) => stage in stages).length).join(
    ' → ',
  );
}

function carried({ sites }: RoundStatus): string[] {
  return sites.flatMap(({ site, carriedFrom }) =>
    carriedFrom === null ? [] : [`${site} (with its update of round ${carriedFrom})`],
  );
}

function leftOut({ sites }: RoundStatus): string[] {
  return sites
    .filter(({ state }) => LEFT_OUT.has(state))
    .map(({ site, state, reason }) => {
      const word = SITE_ROUND_WORDS[state].text.toLowerCase();
      return reason === null ? `${site} (${word})` : `${site} (${word}): ${reason}`;
    });
}
