import { rm } from 'node:fs/promises';
import { cpus, hostname, totalmem } from 'node:os';
import { join } from 'node:path';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { chartPicture } from '../../pictures/chart-picture.js';
import type { Experiment } from '../experiment/experiment.js';
import type { CellRecord } from '../rounds/cell-result.js';
import { differencesOf, differenceTable, type Difference } from './differences.js';
import { roundChart, runChart, sweepChart } from './result-charts.js';
import { resultsCsv } from './results-csv.js';
import { markdown, resultTable, siteTable } from './results-table.js';
import { rowsOf, type CellOutcome, type ResultRow } from './results.js';
import { eventFile, eventFileName, type Scalar } from './tensorboard/event-file.js';

/** `results.json`: what a simulation found, for scripts. Seconds are of this machine, precisions fractions of 1. */
export interface Results {
  readonly version: 1;
  readonly experiment: string;
  readonly title: string;
  readonly classes: readonly string[];
  readonly swept: keyof typeof SWEPT_NAMES | null;
  readonly seeds: readonly number[];
  readonly rows: readonly ResultRow[];
  /** Of the experiment's reference to each other run; empty without one. */
  readonly differences: readonly Difference[];
  readonly cells: readonly CellOutcome[];
  readonly machine: { readonly cores: number; readonly model: string; readonly memoryGb: number };
  /** Of all trainings, whenever they ran; those that ran side by side count each. */
  readonly cellSeconds: number;
}

export const SWEPT_NAMES = {
  labels: 'label skew, Dirichlet α',
  sizes: 'films of the largest hospital for one of the smallest',
  scanners: 'distance of the scanners from their mean',
  boxes: 'films at the hospitals that draw boxes, of those the file says',
} as const;

export function resultsOf(
  experiment: Experiment,
  classes: readonly string[],
  outcomes: readonly CellOutcome[],
): Results {
  const seconds = outcomes.flatMap((one) => Object.values(one.seconds));
  const rows = rowsOf(experiment.runs, outcomes);
  return {
    version: 1,
    experiment: experiment.name,
    title: experiment.title ?? experiment.name,
    classes,
    swept: experiment.sweep?.of ?? null,
    seeds: experiment.seeds,
    rows,
    differences: differencesOf(rows, experiment.reference),
    cells: outcomes,
    machine: {
      cores: cpus().length,
      model: cpus()[0]?.model ?? 'unknown',
      memoryGb: Math.round(totalmem() / 1e9),
    },
    cellSeconds: Math.round(seconds.reduce((sum, value) => sum + value, 0)),
  };
}

/** Figures as JSON and CSV: cheap enough for after each training. */
export async function writeFigures(out: string, results: Results): Promise<void> {
  await writeFileAtomic(join(out, 'results.json'), `${JSON.stringify(results, null, 1)}\n`);
  await writeFileAtomic(join(out, 'results.csv'), resultsCsv(results.cells));
}

/** Tables in Markdown, and plots. @returns names of the files */
export async function writePictures(out: string, results: Results): Promise<string[]> {
  const { rows, differences, classes, title, swept, seeds } = results;
  const tables = [
    `# ${title}`,
    markdown(resultTable(rows, classes, swept)),
    ...(differences.length === 0
      ? []
      : [
          `## AP40 less that of the others, seed by seed\n\n${markdown(differenceTable(differences, swept))}`,
        ]),
    ...rows
      .filter(({ bySite }) => Object.keys(bySite).length > 1)
      .map((row) => {
        const at = row.value === null ? '' : `, ${swept} ${row.value}`;
        return `## ${row.label}${at}: AP40 on the films of each hospital\n\n${markdown(siteTable(row, classes))}`;
      }),
  ];
  await writeFileAtomic(join(out, 'results.md'), `${tables.join('\n\n')}\n`);
  const repeats = seeds.length === 1 ? '1 seed' : `${seeds.length} seeds, a dot for each`;
  const subtitle = `AP40, mean over classes on the held-out films of all hospitals; ${repeats}`;
  const pictures: [string, Buffer][] = [];
  if (swept === null) pictures.push(['runs.png', chartPicture(title, runChart(rows), subtitle)]);
  else pictures.push(['sweep.png', chartPicture(title, sweepChart(rows, SWEPT_NAMES[swept]), subtitle)]);
  const curves = swept === null ? roundChart(rows, results.cells) : null;
  if (curves !== null) pictures.push(['rounds.png', chartPicture(`${title}: by round`, curves)]);
  for (const [name, png] of pictures) await writeFileAtomic(join(out, name), png);
  return ['results.md', ...pictures.map(([name]) => name)];
}

/** One TensorBoard run for a training: `tensorboard --logdir OUT/tensorboard`. */
export async function writeEvents(out: string, record: CellRecord): Promise<void> {
  const folder = join(out, 'tensorboard', record.name);
  const seconds = Date.now() / 1000;
  await rm(folder, { recursive: true, force: true });
  await writeFileAtomic(
    join(folder, eventFileName(seconds, hostname())),
    eventFile(scalarsOf(record), seconds),
  );
}

export function scalarsOf({ rounds, evaluations }: CellRecord): Scalar[] {
  const losses = rounds.flatMap(({ round: step, losses: bySite }) =>
    Object.entries(bySite).flatMap(([site, terms]) =>
      Object.entries(terms).map(([term, value]) => ({ tag: `loss/${term}/${site}`, step, value })),
    ),
  );
  const precisions = evaluations.flatMap(({ round: step, all, bySite }) => [
    ...Object.entries(all.mean).map(([measure, value]) => ({ tag: `${measure}/mean`, step, value })),
    ...all.perClass.map(({ class: name, ap40: value }) => ({ tag: `ap40/${name}`, step, value })),
    ...Object.entries(bySite).map(([site, { mean }]) => ({
      tag: `ap40 by site/${site}`,
      step,
      value: mean.ap40,
    })),
  ]);
  return [
    ...losses,
    ...precisions.flatMap(({ value, ...rest }) => (value === null ? [] : [{ ...rest, value }])),
  ];
}
