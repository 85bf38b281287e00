import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { lastAttempts } from './last-attempts.js';

/** One loss term of the study: a line per site that reported it. */
export interface LossPanel {
  readonly term: string;
  readonly label: string;
  readonly lines: readonly LossLine[];
}

export interface LossLine {
  readonly site: string;
  /** Place of the site in the study, for its colour. */
  readonly index: number;
  /** [rounds done, mean loss]: 2.5 is the middle of the third round, however many steps a round has. */
  readonly points: readonly (readonly [number, number])[];
}

/** The terms of OXnet's loss in the order of its equation; other terms follow by name. */
const TERM_LABELS: ReadonlyMap<string, string> = new Map([
  ['total', 'Total'],
  ['focal', 'Lesion classes (focal)'],
  ['regression', 'Lesion boxes'],
  ['soft', 'Teacher’s classes'],
  ['softRegression', 'Teacher’s boxes'],
  ['image', 'Image labels'],
  ['intra', 'Film alignment'],
  ['inter', 'Prototype alignment'],
]);

export function lossLabel(term: string): string {
  return TERM_LABELS.get(term) ?? term;
}

/** Known terms first, in their order. */
export function orderTerms(terms: Iterable<string>): string[] {
  const order = [...TERM_LABELS.keys()];
  const rank = (term: string) => {
    const known = order.indexOf(term);
    return known === -1 ? order.length : known;
  };
  return [...terms].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** Every loss term any site reported. A round that was tried again counts with its last attempt alone. */
export function lossPanels(status: StudyStatus): LossPanel[] {
  const rounds = lastAttempts(status.history);
  const terms = new Set(
    rounds.flatMap((round) => round.sites.flatMap((site) => site.curve.flatMap(termsOf))),
  );
  return orderTerms(terms).map((term) => ({
    term,
    label: lossLabel(term),
    lines: status.sites
      .map(({ site }, index) => ({ site, index, points: lossPoints(rounds, site, term) }))
      .filter((line) => line.points.length > 0),
  }));
}

function termsOf(point: { losses: Record<string, number> }): string[] {
  return Object.keys(point.losses);
}

function lossPoints(rounds: readonly RoundStatus[], site: string, term: string): [number, number][] {
  return rounds.flatMap((round) => {
    const own = round.sites.find((entry) => entry.site === site);
    if (own === undefined || own.steps === 0) return [];
    return own.curve.flatMap(({ step, losses }): [number, number][] => {
      const loss = losses[term];
      return loss === undefined ? [] : [[round.round - 1 + step / own.steps, loss]];
    });
  });
}
