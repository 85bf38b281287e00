import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { readCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import type { CxrHospital } from '@fedoxnet/site-agent/data/importers/cxr-hospitals';
import { readCxrTables } from '@fedoxnet/site-agent/data/importers/cxr-tables';
import { PHANTOM_CLASSES } from '@fedoxnet/site-agent/phantoms/lesions/lesion-kinds';
import type { Experiment, PhantomSiteSpec, RunSpec, Skew } from './experiment.js';
import { mergePlan, type PlanFrame } from './merge-plan.js';
import type { ExperimentFile } from './read-experiment.js';
import { drawsBoxes, namesOf, skewSites, type PhantomSite } from './skew-sites.js';

/** Films that somebody else keeps. */
interface Stored {
  readonly path: string;
  /** Of what is said of them: where that changes, a training that is kept is another one. */
  readonly digest: string;
}

/** Where films come from. */
export type FilmSource =
  | { readonly kind: 'phantoms'; readonly site: PhantomSite; readonly seed: string }
  | ({ readonly kind: 'folder' } & Stored)
  | ({ readonly kind: 'public'; readonly part: CxrHospital } & Stored)
  | { readonly kind: 'pooled'; readonly parts: readonly CellSite[] };

export interface CellSite {
  readonly name: string;
  readonly films: FilmSource;
}

/** One training with one seed: what is computed once, kept, and not computed again. */
export interface Cell {
  /** In file names; unique in the experiment. */
  readonly name: string;
  readonly run: RunSpec;
  /** Of the sweep; null without one. */
  readonly value: number | null;
  readonly seed: number;
  readonly plan: StudyPlan;
  /** Who trains: as many as the plan has sites. */
  readonly sites: readonly CellSite[];
  /** Whose held-out films each scored release is shown. */
  readonly yardstick: readonly CellSite[];
  /** Rounds between two evaluations. */
  readonly every: number;
}

/** A hospital with its skew applied. */
interface Hospital extends CellSite {
  readonly hasBoxes: boolean;
  readonly trains: boolean;
}

/**
 * All cells of an experiment, seed by seed, so that early results are whole.
 * @throws {FederationError} `PLAN_INVALID` naming run and field; `DATA_MISSING` or `DATA_INVALID` of a site's folder
 */
export async function cellsOf({ experiment, folder }: ExperimentFile): Promise<Cell[]> {
  const { seeds, sweep, runs } = experiment;
  const stored = await storedHospitals(experiment, folder);
  const cells: Cell[] = [];
  for (const seed of seeds) {
    for (const value of sweep?.values ?? [null]) {
      for (const run of runs) cells.push(...cellsOfRun(experiment, stored, run, value, seed));
    }
  }
  return cells;
}

/** One learner has nobody to outvote. */
const ONE_LEARNER = { aggregation: { robust: null } } as const;

function cellsOfRun(
  experiment: Experiment,
  stored: ReadonlyMap<string, Hospital>,
  run: RunSpec,
  value: number | null,
  seed: number,
): Cell[] {
  const { name, sweep, evaluation } = experiment;
  const suffix = `${value === null ? '' : `-${sweep!.of}-${value}`}-seed-${seed}`;
  const frame: PlanFrame = { study: name, title: run.label ?? run.name, sites: ['all'], seed };
  const planFor = (sites: readonly string[]): StudyPlan => {
    try {
      const parts = [experiment.plan, run.plan ?? {}, run.how === 'federated' ? {} : ONE_LEARNER];
      return mergePlan({ ...frame, sites }, PHANTOM_CLASSES, parts);
    } catch (error) {
      if (!(error instanceof FederationError)) throw error;
      throw new FederationError(error.code, `Run ${run.name}: ${error.message}`, { cause: error });
    }
  };
  const everyone = experiment.sites.flatMap((spec) => ('data' in spec ? [spec.name] : namesOf(spec)));
  const { classes } = planFor(everyone);
  const skew: Skew = {
    ...experiment.skew,
    ...run.skew,
    ...(sweep === undefined ? {} : { [sweep.of]: value }),
  };
  const hospitals = hospitalsOf(experiment, stored, classes, skew, seed);
  const chosen = hospitals.filter((hospital) => hospital.trains && isChosen(experiment, run, hospital));
  if (chosen.length === 0) {
    throw new FederationError('PLAN_INVALID', `Run ${run.name}: sites: none of them has films to train on.`);
  }
  const yardstick = hospitals.filter(({ name: site }) =>
    isNamed(experiment, evaluation?.sites ?? null, site),
  );
  const cell = (label: string, sites: readonly CellSite[]): Cell => {
    const plan = planFor(sites.map((site) => site.name));
    const every = evaluation?.every ?? plan.rounds;
    return {
      name: `${label}${suffix}`,
      ...{ run, value, seed, plan, every },
      sites: sites.map((site) => only(site, 'train')),
      yardstick: yardstick.map((site) => only(site, 'heldOut')),
    };
  };
  switch (run.how) {
    case 'federated':
      return [cell(run.name, chosen)];
    case 'pooled': {
      const films: FilmSource = { kind: 'pooled', parts: chosen.map((site) => only(site, 'train')) };
      return [cell(run.name, [{ name: 'pooled', films }])];
    }
    case 'alone':
      return chosen.map((hospital) => cell(`${run.name}-${hospital.name}`, [hospital]));
  }
}

/** What decides a result, and nothing else: who is asked for one kind of phantoms need not know how many there are of the other. */
function only({ name, films }: CellSite, kind: 'train' | 'heldOut'): CellSite {
  if (films.kind !== 'phantoms') return { name, films };
  const { site } = films;
  const counts = { train: 0, heldOut: 0, [kind]: site[kind] };
  return { name, films: { ...films, site: { ...site, ...counts } } };
}

function hospitalsOf(
  { name: experiment, sites }: Experiment,
  stored: ReadonlyMap<string, Hospital>,
  classes: readonly string[],
  skew: Skew,
  seed: number,
): Hospital[] {
  const specs = sites.filter((site): site is PhantomSiteSpec => !('data' in site));
  if (specs.length > 0) refuseUnseen(classes, specs);
  const phantoms = skewSites(specs, classes, skew, seed).map((site): Hospital => ({
    name: site.name,
    films: { kind: 'phantoms', site, seed: `${experiment}/${seed}/${site.name}` },
    hasBoxes: drawsBoxes(site.supervision),
    trains: site.train > 0,
  }));
  return [...phantoms, ...stored.values()];
}

function refuseUnseen(classes: readonly string[], specs: readonly PhantomSiteSpec[]): void {
  const named = specs.flatMap(({ supervision }) =>
    typeof supervision === 'string' ? [] : Object.keys(supervision).filter((name) => name !== 'others'),
  );
  const stranger = [...named.filter((name) => !classes.includes(name))][0];
  if (stranger !== undefined) {
    throw new FederationError('PLAN_INVALID', `sites: supervision names ${stranger}, no class of the plan.`);
  }
  const unseen = classes.find((name) => !PHANTOM_CLASSES.includes(name));
  if (unseen !== undefined) {
    throw new FederationError(
      'PLAN_INVALID',
      `plan.classes: phantoms show ${PHANTOM_CLASSES.join(', ')}; not ${unseen}.`,
    );
  }
}

async function storedHospitals(
  { sites }: Experiment,
  folder: string,
): Promise<ReadonlyMap<string, Hospital>> {
  const found = new Map<string, Hospital>();
  for (const site of sites) {
    if (!('data' in site)) continue;
    const path = join(folder, site.data);
    if (site.part !== undefined) {
      const digest = digestOf(canonicalJson(await readCxrTables(path)));
      found.set(site.name, {
        name: site.name,
        films: { kind: 'public', path, digest, part: site.part },
        hasBoxes: site.part.endsWith('-boxes'),
        trains: true,
      });
      continue;
    }
    const catalogue = await readCatalogue(path);
    const { films } = catalogue;
    const training = films.filter(({ split }) => split === 'train');
    found.set(site.name, {
      name: site.name,
      films: { kind: 'folder', path, digest: digestOf(canonicalJson(catalogue)) },
      hasBoxes: training.some(({ boxes }) => boxes.length > 0),
      trains: training.length > 0,
    });
  }
  return found;
}

function isChosen(experiment: Experiment, { sites }: RunSpec, { name, hasBoxes }: Hospital): boolean {
  if (sites === 'boxed') return hasBoxes;
  return isNamed(experiment, sites === undefined || sites === 'all' ? null : sites, name);
}

/** A name in the file stands for all hospitals of its description: those are called name-1, name-2, … */
function isNamed({ sites }: Experiment, names: readonly string[] | null, site: string): boolean {
  if (names === null || names.includes(site)) return true;
  return sites.some(
    (spec) => 'count' in spec && names.includes(spec.name) && new RegExp(`^${spec.name}-\\d+$`).test(site),
  );
}
