import type { RoundStatus, StudyStatus } from '@fedoxnet/shared/protocol/status';
import { lossLabel, orderTerms } from '../view/page/loss-terms.js';
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
