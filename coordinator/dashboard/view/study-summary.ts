import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { formatPrecision, formatRate, formatSeconds } from './format.js';
import { formatBytes, formatCount, NOT_KNOWN } from './page/numbers.js';
import { ROUND_PHASES, ROUND_WORDS, type RoundPhase } from './state-words.js';

/** A figure at the top of the page, and the line below it. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly note: string;
}

/** The study in five figures: what the model is worth, and what stands behind it. */
export function studyFigures(status: StudyStatus): Figure[] {
  const connected = status.sites.filter((site) => site.connected).length;
  const films = status.sites.map((site) => site.description?.films);
  const known = films.filter((entry) => entry !== undefined);
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const speed = sum(
    (status.history.at(-1)?.sites ?? [])
      .filter((site) => site.state === 'training')
      .map((site) => site.filmsPerSecond),
  );
  return [
    precisionFigure(status),
    { name: 'Sites connected', value: `${connected} of ${status.sites.length}`, note: approvalNote(status) },
    {
      name: 'Training films',
      value: known.length === 0 ? NOT_KNOWN : formatCount(sum(known.map(({ train }) => train))),
      note: `${formatCount(sum(known.map(({ val }) => val)))} held out for scoring`,
    },
    {
      name: 'Training speed',
      value: speed === 0 ? NOT_KNOWN : `${formatRate(speed)} films/s`,
      note: speed === 0 ? 'no site is training now' : 'over all sites that train now',
    },
    {
      name: 'Sealed traffic',
      value: formatBytes(sum(status.sites.map((site) => site.bytesSent + site.bytesReceived))),
      note: `${formatBytes(sum(status.sites.map((site) => site.bytesSent)))} from sites, ${formatBytes(
        sum(status.sites.map((site) => site.bytesReceived)),
      )} to them`,
    },
  ];
}

function precisionFigure(status: StudyStatus): Figure {
  const scored = status.history.flatMap(({ round, metrics }) =>
    metrics === null || metrics.mean.ap40 === null ? [] : [{ round, ap40: metrics.mean.ap40 }],
  );
  const last = scored.at(-1);
  const before = scored.at(-2);
  const name = 'AP40, mean of classes';
  if (last === undefined) return { name, value: NOT_KNOWN, note: 'no model is scored yet' };
  const value = formatPrecision(last.ap40);
  if (before === undefined) return { name, value, note: `after round ${last.round}` };
  const change = last.ap40 - before.ap40;
  const sign = change < 0 ? '−' : '+';
  return {
    name,
    value,
    note: `after round ${last.round}, ${sign}${Math.abs(change).toFixed(3)} since round ${before.round}`,
  };
}

function approvalNote(status: StudyStatus): string {
  const waiting = status.sites.filter((site) => !site.approved).length;
  return waiting === 0 ? 'all approved the plan' : `${waiting} yet to approve the plan`;
}

const NOTICES = 3;

/** The latest rounds that ended without a large site that gave no reason, one text each. */
export function noticeTexts({ notices }: StudyStatus): string[] {
  return notices.slice(0, NOTICES).map(({ round, site, filmShare, reason }) => {
    const share = `${Math.round(100 * filmShare)} % of the films`;
    return `Round ${round} ended without ${site}, which holds ${share}. ${reason}`;
  });
}

/** "Round 3 of 6"; before the first round "No round yet, 6 planned". */
export function roundOfRounds(status: StudyStatus): string {
  const round = status.history.at(-1);
  return round === undefined
    ? `No round yet, ${status.rounds} planned`
    : `Round ${round.round} of ${status.rounds}`;
}

export interface PhaseStep {
  readonly name: string;
  readonly place: 'done' | 'now' | 'ahead';
  /** Seconds spent, empty where nothing is measured. */
  readonly seconds: string;
}

/** The current round as a row of steps, ending in the release. */
export function phaseSteps(status: StudyStatus): PhaseStep[] {
  const round = status.history.at(-1);
  const phases = [...ROUND_PHASES, PUBLISHED];
  const now = phases.findIndex(({ states }) => round !== undefined && states.includes(round.state));
  return phases.map(({ key, name }, index) => {
    const seconds = round?.seconds[key];
    const over = index < now || round?.state === 'published';
    return {
      name,
      place: over ? 'done' : index === now ? 'now' : 'ahead',
      seconds: seconds === undefined ? '' : formatSeconds(seconds),
    };
  });
}

const PUBLISHED: RoundPhase = { key: 'publish', name: ROUND_WORDS.published.text, states: ['published'] };
