import type { RoundMetrics } from '@fedoxnet/shared/protocol/status';
import type { RunSpec } from '../experiment/experiment.js';
import type { Cell } from '../experiment/cells.js';
import type { CellRecord, Evaluation } from '../rounds/cell-result.js';
import { spreadOf, type Spread } from './spread.js';

/** What a training ended with. */
export interface CellOutcome {
  readonly cell: string;
  readonly run: string;
  readonly value: number | null;
  readonly seed: number;
  readonly sites: readonly string[];
  /** SHA-256 of each release, in order. */
  readonly digests: readonly string[];
  /** Optimiser steps: of one learner, and of all together. */
  readonly steps: { readonly each: number; readonly all: number };
  readonly seconds: { readonly training: number; readonly exchange: number; readonly evaluation: number };
  readonly peakRssMb: number;
  readonly evaluations: readonly Evaluation[];
}

type Measure = 'ap' | 'ap40' | 'ap50' | 'ap75';

/** One run at one value of the sweep, over all seeds that are done. */
export interface ResultRow extends Readonly<Record<Measure, Spread | null>> {
  readonly run: string;
  readonly label: string;
  readonly how: RunSpec['how'];
  readonly value: number | null;
  readonly steps: CellOutcome['steps'];
  /** AP40 by class, on the films of all hospitals. */
  readonly perClass: Readonly<Record<string, Spread | null>>;
  /** AP40 by hospital whose films were scored: mean over classes, then each class. */
  readonly bySite: Readonly<Record<string, SiteRow>>;
  /** AP40 by seed; of hospitals alone the best one's, which is named. */
  readonly seeds: readonly {
    readonly seed: number;
    readonly cell: string;
    readonly ap40: number | null;
    readonly digest: string;
  }[];
}

export interface SiteRow {
  readonly mean: Spread | null;
  readonly perClass: Readonly<Record<string, Spread | null>>;
}

export function outcomeOf({ plan }: Cell, record: CellRecord): CellOutcome {
  const { name: cell, run, value, seed, sites, rounds, evaluations, peakRssMb } = record;
  const spent = (part: 'training' | 'exchange' | 'evaluation'): number =>
    Math.round(100 * rounds.reduce((sum, { seconds }) => sum + seconds[part], 0)) / 100;
  return {
    ...{ cell, run, value, seed, sites, evaluations, peakRssMb },
    digests: rounds.map(({ digest }) => digest),
    steps: {
      each: plan.rounds * plan.training.localSteps,
      all: rounds.reduce((sum, { steps }) => sum + steps, 0),
    },
    seconds: {
      training: spent('training'),
      exchange: spent('exchange'),
      evaluation: spent('evaluation'),
    },
  };
}

/** Rows in the order of the file, for each value of the sweep in turn. */
export function rowsOf(runs: readonly RunSpec[], outcomes: readonly CellOutcome[]): ResultRow[] {
  const values = [...new Set(outcomes.map(({ value }) => value))];
  return values.flatMap((value) =>
    runs.flatMap((run) => {
      const own = outcomes.filter((outcome) => outcome.run === run.name && outcome.value === value);
      return own.length === 0 ? [] : [rowOf(run, value, bestBySeed(own))];
    }),
  );
}

/** The last evaluation's mean AP40 decides; the earlier of two equal ones stays. */
function bestBySeed(outcomes: readonly CellOutcome[]): CellOutcome[] {
  const best = new Map<number, CellOutcome>();
  for (const outcome of outcomes) {
    const before = best.get(outcome.seed);
    if (before === undefined || (ap40Of(outcome) ?? -1) > (ap40Of(before) ?? -1))
      best.set(outcome.seed, outcome);
  }
  return [...best.values()];
}

function ap40Of(outcome: CellOutcome): number | null {
  return lastOf(outcome)?.all.mean.ap40 ?? null;
}

export function lastOf({ evaluations }: CellOutcome): Evaluation | undefined {
  return evaluations.at(-1);
}

function rowOf(run: RunSpec, value: number | null, outcomes: readonly CellOutcome[]): ResultRow {
  const last = outcomes.map(lastOf);
  const over = (measure: Measure): Spread | null =>
    spreadOf(last.map((one) => one?.all.mean[measure] ?? null));
  const sites = [...new Set(last.flatMap((one) => Object.keys(one?.bySite ?? {})))];
  return {
    run: run.name,
    label: run.label ?? run.name,
    how: run.how,
    value,
    steps: outcomes[0]!.steps,
    ...{ ap: over('ap'), ap40: over('ap40'), ap50: over('ap50'), ap75: over('ap75') },
    perClass: perClass(last.map((one) => one?.all)),
    bySite: Object.fromEntries(
      sites.map((site) => [
        site,
        {
          mean: spreadOf(last.map((one) => one?.bySite[site]?.mean.ap40 ?? null)),
          perClass: perClass(last.map((one) => one?.bySite[site])),
        },
      ]),
    ),
    seeds: outcomes.map((outcome) => ({
      seed: outcome.seed,
      cell: outcome.cell,
      ap40: ap40Of(outcome),
      digest: outcome.digests.at(-1) ?? '',
    })),
  };
}

function perClass(metrics: readonly (RoundMetrics | undefined)[]): Record<string, Spread | null> {
  const classes = [...new Set(metrics.flatMap((one) => one?.perClass.map((entry) => entry.class) ?? []))];
  return Object.fromEntries(
    classes.map((name) => [
      name,
      spreadOf(metrics.map((one) => one?.perClass.find((entry) => entry.class === name)?.ap40 ?? null)),
    ]),
  );
}
