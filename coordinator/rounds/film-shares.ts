import type { RoundRun, RunEffect, StudyRun } from './run.js';

/** A site with this share of the study's films, or more, is missed when it falls silent. */
export const ALARMING_SHARE = 0.2;

/** Of the films of all sites that joined the study and have described themselves; null for the others. */
export function filmShares({ standing }: StudyRun): Record<string, number | null> {
  const films = Object.entries(standing).map(
    ([site, { awaySince, films: own }]) => [site, awaySince === 'unapproved' ? null : own] as const,
  );
  const total = films.reduce((sum, [, own]) => sum + (own ?? 0), 0);
  return Object.fromEntries(
    films.map(([site, own]) => [site, own === null || total === 0 ? null : own / total]),
  );
}

/**
 * One alarm for each large site that the round ended without and that gave no reason: one that declined, failed or is
 * late has said so itself.
 */
export function alarmsOf({ sites }: RoundRun): RunEffect[] {
  return Object.entries(sites).flatMap(([site, { state, filmShare, reason }]): RunEffect[] => {
    if (state !== 'missing' || filmShare === null || filmShare < ALARMING_SHARE) return [];
    return [{ kind: 'alarm', site, filmShare, reason: reason ?? 'No update came.' }];
  });
}
