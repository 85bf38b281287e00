/** How fast a site has been shown to work: what the coordinator measured in a round that the site delivered. */
export interface Pace {
  /** Of optimiser steps, between the first and the last progress message of the round. */
  readonly secondsPerStep: number;
  /** Of the sealed update, from the opening of the upload to the last check. */
  readonly bytesPerSecond: number;
}

/** What a site has to do in a round. */
export interface Workload {
  readonly steps: number;
  /** Of the model, which comes as a release and goes back as an update. */
  readonly bytes: number;
}

/**
 * A round may take a site this many times as long as the last one did before the others go on without it: films are
 * decoded anew after a restart, and a hospital's machine and line are shared.
 */
export const PACE_MARGIN = 3;

/** From the invitation to the counted update, ms, if the site is as fast as it was. */
export function expectedMs({ secondsPerStep, bytesPerSecond }: Pace, { steps, bytes }: Workload): number {
  return 1000 * (steps * secondsPerStep + (2 * bytes) / bytesPerSecond);
}

/**
 * How long the others wait for a site, ms; null while nothing is known of it. Never less than `atLeastMs`, so that a
 * round of seconds survives a process that is started again.
 */
export function allowanceMs(pace: Pace | null, workload: Workload, atLeastMs: number): number | null {
  return pace === null ? null : Math.max(atLeastMs, PACE_MARGIN * expectedMs(pace, workload));
}
