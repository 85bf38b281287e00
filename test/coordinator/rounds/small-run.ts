import type { RunEffect, RunEvent, SiteStanding, StudyRun } from '@fedoxnet/coordinator/rounds/run';
import { transition } from '@fedoxnet/coordinator/rounds/transition';

export const DEADLINE = 1000;
export const LEASE = 100;

/** Three sites, all here unless `away`, quorum 2, two rounds. Starts at time 0. */
export function created(changes: Partial<StudyRun> = {}, away: readonly string[] = []): StudyRun {
  return {
    study: 's',
    state: 'created',
    reason: null,
    rounds: 2,
    quorum: 2,
    deadlineMs: DEADLINE,
    leaseMs: LEASE,
    stragglers: 'drop',
    steps: 10,
    bytes: 1000,
    standing: Object.fromEntries(
      ['a', 'b', 'c'].map((site) => [
        site,
        { awaySince: away.includes(site) ? 0 : null, pace: null, films: null },
      ]),
    ),
    round: null,
    ...changes,
  };
}

/** The run with one site's standing changed. */
export function standing(site: string, change: Partial<SiteStanding>, run: StudyRun = created()): StudyRun {
  const before = run.standing[site] as SiteStanding;
  return { ...run, standing: { ...run.standing, [site]: { ...before, ...change } } };
}

export type Timed = RunEvent & { readonly at?: number };

/** Plays events one after another; what the last one asked for comes with the result. */
export function play(start: StudyRun, ...events: Timed[]): { run: StudyRun; effects: readonly RunEffect[] } {
  let run = start;
  let effects: readonly RunEffect[] = [];
  let now = 0;
  for (const { at = now, ...event } of events) {
    now = at;
    ({ run, effects } = transition(run, event, now));
  }
  return { run, effects };
}

export const START: Timed = { kind: 'started' };
export const uploaded = (site: string, at?: number): Timed => ({
  kind: 'uploaded',
  site,
  round: 1,
  attempt: 1,
  ...(at === undefined ? {} : { at }),
});
export const accepted = (site: string): Timed => ({ kind: 'accepted', site, round: 1, attempt: 1 });
export const tick = (at: number): Timed => ({ kind: 'ticked', at });
/** The answers of a and b to a release. */
export const EVALUATED: Timed[] = ['a', 'b'].map((site) => ({ kind: 'evaluated', site }));
export const kinds = (effects: readonly RunEffect[]) => effects.map(({ kind }) => kind);
export const states = (run: StudyRun) =>
  Object.fromEntries(Object.entries(run.round?.sites ?? {}).map(([site, { state }]) => [site, state]));
