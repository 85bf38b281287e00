import type { PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import type { StepReport } from '../training/learner.js';
import { LossMeans } from '../training/loss-means.js';
import type { TrainerEvent } from './ipc.js';

type Progress = Extract<TrainerEvent, { kind: 'progress' }>;

/** At most four reports a second, however short the steps. */
export const REPORT_EVERY_MS = 250;

/** Condenses steps into progress events: means of the losses and films per second since the last one. */
export class ProgressReports {
  private readonly losses = new LossMeans();
  private films = 0;
  private since: number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(
    private readonly round: number,
    private readonly steps: number,
    private readonly send: (progress: Progress) => void,
    private readonly now: () => number = () => performance.now(),
  ) {
    this.since = now();
  }

  /**
   * @param step   1-based; the last step of the round is always reported
   * @param pseudo the teacher's boxes of the round so far
   */
  add(step: number, report: StepReport, films: number, pseudo: PseudoCount): void {
    this.losses.add(report.losses);
    this.films += films;
    const elapsed = this.now() - this.since;
    if (elapsed < REPORT_EVERY_MS && step < this.steps) return;
    this.send({
      kind: 'progress',
      round: this.round,
      step,
      steps: this.steps,
      losses: this.losses.mean(),
      pseudo,
      filmsPerSecond: elapsed > 0 ? (1000 * this.films) / elapsed : 0,
    });
    this.losses.clear();
    this.films = 0;
    this.since += elapsed;
  }
}
