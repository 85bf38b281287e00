import { join } from 'node:path';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { withProgressBar } from '@fedoxnet/site-agent/cli/long-work';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { freshModel } from '@fedoxnet/site-agent/model/oxnet';
import { PHANTOM_START_ROUNDS, phantomStart } from '@fedoxnet/site-agent/training/phantom-start';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import type { Bench } from '../bench.js';
import { ablationPicture } from './ablation-chart.js';
import { ABLATION_USAGE, parseAblationOptions } from './ablation-options.js';
import { armPlan, burnInPlan, CXR_SCHEDULE, PHANTOM_SCHEDULE, type Schedule } from './ablation-plan.js';
import { markdownTable, reportOf, type ArmResults } from './ablation-report.js';
import { ARMS, type Arm } from './arms.js';
import { cellKey, CellStore, type CellResult } from './cell-store.js';
import { cxrStudyFilms, PHANTOM_STUDY, phantomStudyFilms, type StudyFilms } from './study-films.js';
import { trainCell, type TrainedCell } from './train-cell.js';

const PRACTICE_FILMS = 400;

export const bench: Bench = {
  name: 'ablation',
  summary: 'what boxes, image labels, DAA, GPA and unlabelled films each add: average precision by row',
  async run(args) {
    const options = parseAblationOptions(args);
    if (options === 'help') {
      process.stderr.write(ABLATION_USAGE);
      return {};
    }
    const backend = await selectBackend('auto', { threads: options.threads });
    const schedule = options.films === null ? PHANTOM_SCHEDULE : CXR_SCHEDULE;
    const real =
      options.films === null
        ? null
        : await cxrStudyFilms(options.films, join(options.out, 'films'), schedule);
    const { name, classes } = real ?? PHANTOM_STUDY;
    say(`${name}; ${backend.description}`);
    const store = new CellStore(join(options.out, 'cells'));
    const rows: ArmResults[] = ARMS.map((arm) => ({ arm, cells: [] }));
    for (const seed of options.seeds) {
      const study = new Study(schedule, real ?? phantomStudyFilms(schedule, seed), store);
      for (const [index, arm] of ARMS.entries()) {
        const cell = await study.cell(arm, seed);
        rows[index] = { arm, cells: [...rows[index]!.cells, cell] };
        say(
          `seed ${seed}  ${arm.label.padEnd(22)} AP40 ${cell.ap40?.toFixed(3) ?? '–'}  ${Math.round(cell.seconds)} s`,
        );
      }
    }
    const reports = reportOf(rows);
    const picture = join(options.out, 'ablation.png');
    await writeFileAtomic(picture, ablationPicture(reports, name));
    say(`\n${markdownTable(reports, classes)}\n\n${picture}`);
    return {
      films: name,
      backend: backend.name,
      seeds: options.seeds,
      classes,
      schedule,
      rows: reports,
    };
  },
};

/** Cells of one repetition, each trained once: what the store has is not trained again. */
class Study {
  constructor(
    private readonly schedule: Schedule,
    private readonly films: StudyFilms,
    private readonly store: CellStore,
  ) {}

  async cell(arm: Arm, seed: number): Promise<CellResult> {
    const plan = armPlan(this.schedule, this.films.classes, seed, arm);
    const key = cellKey({ start: this.burnInKey(seed), plan, kinds: arm.kinds });
    const name = `${arm.name}-${seed}`;
    const kept = await this.store.result(name, key);
    if (kept !== null) return kept;
    const weights = await this.burnIn(seed);
    const trained = await this.train(`seed ${seed} ${arm.label}`, { plan, kinds: arm.kinds, weights });
    const { perClass, mean } = trained.metrics;
    const result: CellResult = {
      key,
      ...mean,
      perClass: perClass.map(({ ap40 }) => ap40),
      losses: trained.losses,
      seconds: trained.seconds,
    };
    await this.store.keepResult(name, result);
    return result;
  }

  /** The model of phase 1, from which all rows of a repetition begin. */
  private async burnIn(seed: number): Promise<WeightMap> {
    const name = `burn-in-${seed}`;
    const key = this.burnInKey(seed);
    const kept = await this.store.weights(name, key);
    if (kept !== null) return kept;
    const plan = burnInPlan(this.schedule, this.films.classes, seed);
    const trained = await this.train(`seed ${seed} burn-in`, {
      plan,
      kinds: ['box'],
      weights: await this.firstWeights(seed),
    });
    say(
      `seed ${seed}  ${'after the burn-in'.padEnd(22)} AP40 ${trained.metrics.mean.ap40?.toFixed(3) ?? '–'}  ${Math.round(trained.seconds)} s`,
    );
    await this.store.keepWeights(name, key, trained.weights);
    return trained.weights;
  }

  private burnInKey(seed: number): string {
    const { schedule, films } = this;
    return cellKey({
      films: films.name,
      practice: schedule.practice,
      plan: burnInPlan(schedule, films.classes, seed),
    });
  }

  private async firstWeights(seed: number): Promise<WeightMap> {
    const plan = burnInPlan(this.schedule, this.films.classes, seed);
    const { practice } = this.schedule;
    if (practice === 0) return freshModel(plan.model, plan.classes.length).weights;
    return await withProgressBar(`seed ${seed} practice`, async (onStep) => {
      const options = { films: PRACTICE_FILMS, steps: practice, rounds: PHANTOM_START_ROUNDS, onStep };
      return (await phantomStart(plan, options)).weights;
    });
  }

  private train(
    what: string,
    cell: Pick<Parameters<typeof trainCell>[0], 'plan' | 'kinds' | 'weights'>,
  ): Promise<TrainedCell> {
    const { train: films, heldOut } = this.films;
    return withProgressBar(what, (onStep) => trainCell({ ...cell, films, heldOut, onStep }));
  }
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
