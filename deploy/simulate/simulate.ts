import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { lockFolder } from '@fedoxnet/coordinator/storage/folder-lock';
import { FederationError } from '@fedoxnet/shared/errors';
import { cellsOf, type Cell, type CellSite } from './experiment/cells.js';
import { readExperiment, type ExperimentFile } from './experiment/read-experiment.js';
import { FilmStore, type FilmFolder } from './films/film-store.js';
import type { SimulateOptions } from './options.js';
import { outcomeOf, type CellOutcome } from './results/results.js';
import {
  resultsOf,
  writeEvents,
  writeFigures,
  writePictures,
  type Results,
} from './results/write-results.js';
import type { CellRecord } from './rounds/cell-result.js';
import { plannedSteps, runCell } from './rounds/run-cell.js';
import { SealedExchange } from './rounds/sealed-exchange.js';
import { WorkerPool } from './workers/worker-pool.js';

export interface Watcher {
  /** What is worth a line. */
  say(line: string): void;
  /** Optimiser steps of all hospitals, done and in all. */
  onProgress(done: number, total: number): void;
}

export interface SimulationEnd {
  readonly results: Results;
  readonly out: string;
  /** Files beside results.json and results.csv. */
  readonly pictures: readonly string[];
}

/**
 * Runs an experiment to its end, or on from where it was.
 * @throws {FederationError} what a file says wrong, or the first training that fails
 */
export async function simulate(options: SimulateOptions, watcher: Watcher): Promise<SimulationEnd> {
  const file = narrowed(await readExperiment(options.file), options);
  const cells = await cellsOf(file);
  const out = resolve(options.out ?? join('runs', 'simulate', file.experiment.name));
  const lock = await lockOut(out);
  const log = createWriteStream(join(out, 'workers.log'));
  const pool = new WorkerPool({
    workers: options.workers,
    threads: options.threads,
    onOutput: (line) => log.write(`${line}\n`),
  });
  try {
    const outcomes = await new Simulation(file, cells, out, pool, options, watcher).run();
    const results = resultsOf(file.experiment, cells[0]!.plan.classes, outcomes);
    await writeFigures(out, results);
    return { results, out, pictures: await writePictures(out, results) };
  } finally {
    await pool.close();
    log.end();
    await lock.release();
  }
}

/** The file's experiment with fewer runs or seeds. */
function narrowed({ experiment, folder }: ExperimentFile, { runs, seeds }: SimulateOptions): ExperimentFile {
  const strangerRun = runs?.find((name) => !experiment.runs.some((run) => run.name === name));
  if (strangerRun !== undefined) {
    throw new FederationError('USAGE', `--runs: the experiment has no run ${strangerRun}.`);
  }
  const strangerSeed = seeds?.find((seed) => !experiment.seeds.includes(seed));
  if (strangerSeed !== undefined) {
    throw new FederationError('USAGE', `--seeds: the experiment has no seed ${strangerSeed}.`);
  }
  return {
    folder,
    experiment: {
      ...experiment,
      runs: experiment.runs.filter(({ name }) => runs?.includes(name) ?? true),
      seeds: experiment.seeds.filter((seed) => seeds?.includes(seed) ?? true),
    },
  };
}

async function lockOut(out: string) {
  try {
    await mkdir(out, { recursive: true });
    return await lockFolder(out, 'simulate.lock');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause);
    throw new FederationError('CONFIG_INVALID', `--out ${out} cannot be used: ${why}.`, { cause });
  }
}

class Simulation {
  readonly #outcomes: (CellOutcome | null)[];
  readonly #total: number;
  #done = 0;
  readonly #films: FilmStore;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly file: ExperimentFile,
    private readonly cells: readonly Cell[],
    private readonly out: string,
    private readonly pool: WorkerPool,
    private readonly options: SimulateOptions,
    private readonly watcher: Watcher,
  ) {
    this.#films = new FilmStore(join(out, 'films'), pool);
    this.#outcomes = cells.map(() => null);
    this.#total = cells.reduce((sum, cell) => sum + cell.plan.rounds * plannedSteps(cell), 0);
  }

  /** As many trainings at a time as there are workers: one alone would leave workers idle at the end of its rounds. */
  async run(): Promise<CellOutcome[]> {
    const waiting = [...this.cells.keys()];
    const lane = async (): Promise<void> => {
      for (let index = waiting.shift(); index !== undefined; index = waiting.shift()) {
        try {
          await this.#finish(index);
        } catch (error) {
          waiting.length = 0; // the other lanes end after what they are at
          throw error;
        }
      }
    };
    const lanes = Array.from({ length: Math.min(this.options.workers, this.cells.length) }, lane);
    const ends = await Promise.allSettled(lanes);
    await this.#writing;
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return this.#finished();
  }

  async #finish(index: number): Promise<void> {
    const cell = this.cells[index]!;
    const began = performance.now();
    const record = await runCell(cell, {
      pool: this.pool,
      films: (site, split, { plan }) => this.#filmsOf(site, split, plan.model.size, plan.classes),
      exchange: (root) => SealedExchange.open(root),
      backend: this.options.backend,
      folder: join(this.out, 'cells', cell.name),
      onSteps: (steps) => {
        this.#done += steps;
        this.watcher.onProgress(this.#done, this.#total);
      },
    });
    this.#outcomes[index] = outcomeOf(cell, record);
    this.watcher.say(lineOf(record, (performance.now() - began) / 1000));
    await this.#keep(record);
  }

  /** Written one after the other: each holds all that is finished. */
  #keep(record: CellRecord): Promise<void> {
    const write = async (): Promise<void> => {
      const { experiment } = this.file;
      const { classes } = this.cells[0]!.plan;
      await writeFigures(this.out, resultsOf(experiment, classes, this.#finished()));
      await writeEvents(this.out, record);
    };
    return (this.#writing = this.#writing.then(write));
  }

  #finished(): CellOutcome[] {
    return this.#outcomes.filter((outcome) => outcome !== null);
  }

  #filmsOf(
    { films, name }: CellSite,
    split: 'train' | 'val',
    size: number,
    classes: readonly string[],
  ): Promise<FilmFolder> {
    switch (films.kind) {
      case 'folder':
        return this.#films.folder(films.path, size, classes);
      case 'public':
        return this.#films.divided(films.path, films.part, size, classes);
      case 'phantoms': {
        const { site, seed } = films;
        const count = split === 'train' ? site.train : site.heldOut;
        if (count === 0) return Promise.resolve({ folder: '', cache: '', train: 0, val: 0 });
        return this.#films.phantoms({
          ...{ films: count, split, size, classes, scanner: site.scanner },
          seed: `${seed}/${split}`,
          prefix: `${name}-${split}`,
          // Held-out films are the yardstick: all findings are alike there, and all are boxed.
          prevalence: split === 'train' ? site.prevalence : null,
          supervision: split === 'train' ? site.supervision : {},
        });
      }
      case 'pooled': {
        const load = async (part: CellSite) => ({
          ...(await this.#filmsOf(part, 'train', size, classes)),
          site: part.name,
        });
        return Promise.all(films.parts.map(load)).then((parts) => this.#films.pooled(parts, size, classes));
      }
    }
  }
}

function lineOf({ name, rounds, evaluations }: CellRecord, seconds: number): string {
  const ap40 = evaluations.at(-1)?.all.mean.ap40;
  const digest = rounds.at(-1)?.digest.slice(0, 12) ?? '';
  return `${name.padEnd(40)} AP40 ${ap40?.toFixed(3) ?? '–'}  ${Math.round(seconds)} s  ${digest}`;
}
