import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import type { ChildProcesses } from './child-processes.js';
import { comparisonTable } from './comparison-table.js';
import { startCoordinator, startSite, threadsPerSite, type RunningCoordinator } from './consortium.js';
import { lossPicture, precisionPicture } from './curves.js';
import { alonePlan, demoPlan, scheduleOf } from './demo-plan.js';
import { makeFirstModel } from './first-model.js';
import { scoreHeldOut } from './held-out-score.js';
import { checkFilmFolder, drawHospitals, importHospitals, type HospitalsInput } from './hospitals.js';
import { LiveBoard } from './live-board.js';
import { createStudy, exportRelease } from './operator.js';
import type { DemoOptions } from './options.js';
import { OutFolder } from './out-folder.js';
import { PeakMemoryWatch } from './peak-memory.js';
import { metricsTable, roundReport, totalLoss } from './round-report.js';
import type { SiteEvent } from './site-line.js';
import { Stopwatch } from './stopwatch.js';
import { runStudy } from './study-run.js';
import {
  flattenMemory,
  scoreOf,
  summariseRounds,
  type AloneResult,
  type DemoSummary,
  type SiteSummary,
} from './summary.js';
import type { Terminal } from './terminal.js';

/** What the demo needs from whoever runs it. */
export interface DemoContext {
  readonly options: DemoOptions;
  readonly terminal: Terminal;
  readonly processes: ChildProcesses;
  readonly signal: AbortSignal;
}

/** A finished demo whose coordinator still serves the dashboard. */
export interface DemoResult {
  readonly summary: DemoSummary;
  readonly out: OutFolder;
  readonly dashboard: string;
}

/**
 * The whole demo: films, coordinator, hospitals, study, score, pictures, summary. Processes that it started are still
 * running when it returns; the caller stops them.
 */
export async function runDemo(context: DemoContext): Promise<DemoResult> {
  const { options } = context;
  // What is wrong with the options or the tables of films is said before anything is made.
  scheduleOf(options);
  if (options.data !== null) await checkFilmFolder(options.data, options.sites);
  const demo = new Demo(context, await OutFolder.open(options.out));
  try {
    return await demo.run();
  } finally {
    demo.close();
  }
}

class Demo {
  private readonly watch = new PeakMemoryWatch();
  private readonly clock = new Stopwatch();
  private readonly backends = new Map<string, string>();
  private readonly received = new Map<string, number>();
  private board: LiveBoard;
  private closed = false;

  constructor(
    private readonly context: DemoContext,
    private readonly out: OutFolder,
  ) {
    this.board = new LiveBoard(context.terminal.stream, []);
  }

  async run(): Promise<DemoResult> {
    const { options, terminal } = this.context;
    // First, because a port that is taken should be said before films are drawn.
    const coordinator = await this.clock.time('start', () => this.startCoordinator());
    const input = await this.clock.time('films', () => this.prepareFilms());
    const sites = input.hospitals.map(({ name }) => name);
    this.board = new LiveBoard(terminal.stream, sites);
    const plan = demoPlan(options, input.classes, sites);
    const alone = options.compare
      ? input.hospitals
          .filter((hospital) => hospital.hasBoxes)
          .map((hospital) => alonePlan(plan, hospital.name))
      : [];

    const model = await this.clock.time('first model', () => this.makeFirstModel(plan));
    const studies = [plan, ...alone];
    for (const study of studies) await createStudy(coordinator.operator, study, model);
    await this.clock.time('start', () => this.startSites(coordinator, input, studies));
    this.say(`dashboard: ${coordinator.dashboard}`);
    const down = new Map<number, number>();
    const status = await this.clock.time('study', () => this.follow(coordinator, plan, down));
    const release = Math.max(...status.history.map((round) => round.release?.number ?? 0));
    await exportRelease(coordinator.operator, plan.study, release, this.out.model);

    const final = await this.clock.time('score', () => this.score(this.out.model, input, this.out.films));
    await writeFile(this.out.curves, precisionPicture(status));
    await writeFile(this.out.losses, lossPicture(status));
    const compare: AloneResult[] = [];
    for (const single of alone) {
      compare.push(await this.clock.time('compare', () => this.trainAlone(coordinator, single, input)));
    }
    const summary: DemoSummary = {
      version: 1,
      backend: [...new Set(this.backends.values())].join(', '),
      options,
      study: plan.study,
      planHash: status.planHash,
      classes: plan.classes,
      sites: this.describeSites(input),
      rounds: summariseRounds(status, down),
      final: { films: final.films, score: scoreOf(final.metrics) },
      releasePath: relative(process.cwd(), this.out.model),
      wallSeconds: Math.round(terminal.seconds * 10) / 10,
      seconds: this.clock.seconds,
      peakRssMb: flattenMemory(this.watch.results()),
      compare: options.compare ? compare : null,
    };
    await writeFile(this.out.summary, `${JSON.stringify(summary, null, 2)}\n`);

    this.board.print(
      `\nThe released model on all ${final.films} held-out films:\n${metricsTable(final.metrics)}`,
    );
    if (compare.length > 0)
      this.board.print(`\n${comparisonTable(plan.classes, summary.final.score, compare)}`);
    return { summary, out: this.out, dashboard: coordinator.dashboard };
  }

  /** Ends the live lines; what the agents say while they are stopped is not shown. */
  close(): void {
    this.closed = true;
    this.watch.stop();
    this.board.close();
  }

  private say(text: string): void {
    this.board.print(this.context.terminal.note(text));
  }

  private prepareFilms(): Promise<HospitalsInput> {
    const { options } = this.context;
    const common = {
      folder: this.out.work,
      sites: options.sites,
      onProgress: (text: string) => this.say(text),
    };
    if (options.data !== null) return importHospitals({ ...common, source: options.data });
    return drawHospitals({ ...common, seed: options.seed, size: scheduleOf(options).size });
  }

  private async startCoordinator(): Promise<RunningCoordinator> {
    const { options, processes } = this.context;
    const coordinator = await startCoordinator(processes, this.out, options.port);
    this.watchProgram(coordinator.program);
    this.say(`coordinator at ${coordinator.address}`);
    return coordinator;
  }

  private makeFirstModel(plan: StudyPlan): Promise<string> {
    const { options, processes } = this.context;
    const { practice } = scheduleOf(options);
    if (practice > 0) this.say(`the first model practises ${practice} steps on phantoms`);
    return makeFirstModel(processes, this.out, plan, { practice, backend: options.backend });
  }

  /** The hospitals, all at once. */
  private async startSites(
    coordinator: RunningCoordinator,
    input: HospitalsInput,
    plans: readonly StudyPlan[],
  ): Promise<void> {
    const { options, processes } = this.context;
    const threads = threadsPerSite(input.hospitals.length);
    await Promise.all(
      input.hospitals.map(async (hospital) => {
        const site = await startSite(processes, this.out, {
          hospital,
          coordinator,
          approves: plans.filter((plan) => plan.sites.includes(hospital.name)).map(planHash),
          backend: options.backend,
          threads,
          onEvent: (event) => this.onSiteEvent(hospital.name, event),
        });
        this.watchProgram(site);
      }),
    );
  }

  private watchProgram({ name, pid }: { name: string; pid: number }): void {
    this.watch.watch(name, pid);
  }

  private onSiteEvent(site: string, event: SiteEvent): void {
    if ('bytesReceived' in event) this.received.set(site, event.bytesReceived);
    switch (event.event) {
      case 'prepared':
        this.backends.set(site, event.backend);
        break;
      case 'progress':
        this.board.update(site, { ...event, loss: totalLoss(event.losses) });
        break;
      case 'disconnected':
        if (!this.closed && !this.context.signal.aborted)
          this.say(`${site} lost its connection: ${event.reason}`);
        break;
      case 'declined':
      case 'failed':
        this.say(`${site}, round ${event.round}: ${event.code}: ${event.message}`);
        break;
      case 'connected':
      case 'uploaded':
      case 'evaluated':
        break;
    }
  }

  /** @param down gets the bytes that all sites received in each round */
  private follow(
    coordinator: RunningCoordinator,
    plan: StudyPlan,
    down: Map<number, number>,
  ): Promise<StudyStatus> {
    const { signal, processes } = this.context;
    let before = 0;
    return runStudy({
      operator: coordinator.operator,
      study: plan.study,
      signal,
      failure: processes.failure,
      onRound: (round) => {
        const total = [...this.received.values()].reduce((sum, bytes) => sum + bytes, 0);
        down.set(round.round, total - before);
        before = total;
        this.board.print(roundReport(round, plan.rounds));
      },
    });
  }

  private score(model: string, input: HospitalsInput, sheet: string | null) {
    this.say('scoring on all held-out films');
    return scoreHeldOut(this.context.processes, this.out.log('score'), {
      model,
      heldOut: input.heldOut,
      sheet,
      cache: join(this.out.work, 'score-cache'),
      backend: this.context.options.backend,
    });
  }

  /** A study of one hospital, through the same coordinator, agent and trainer as the federation. */
  private async trainAlone(
    coordinator: RunningCoordinator,
    plan: StudyPlan,
    input: HospitalsInput,
  ): Promise<AloneResult> {
    const { signal, processes } = this.context;
    const [site = ''] = plan.sites;
    this.say(`training ${site} alone for ${plan.rounds} rounds of ${plan.training.localSteps} steps`);
    await runStudy({ operator: coordinator.operator, study: plan.study, signal, failure: processes.failure });
    const modelPath = join(this.out.work, `${site}-alone.safetensors`);
    await exportRelease(coordinator.operator, plan.study, plan.rounds, modelPath);
    const { metrics } = await this.score(modelPath, input, null);
    return {
      site,
      steps: plan.rounds * plan.training.localSteps,
      score: scoreOf(metrics),
      modelPath: relative(process.cwd(), modelPath),
    };
  }

  private describeSites({ hospitals }: HospitalsInput): SiteSummary[] {
    return hospitals.map(({ name, films, supervision }) => ({
      name,
      films,
      supervision,
      backend: this.backends.get(name) ?? null,
    }));
  }
}
