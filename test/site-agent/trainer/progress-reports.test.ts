import { NO_PSEUDO_BOXES } from '@fedoxnet/shared/protocol/pseudo-count';
import type { TrainerEvent } from '@fedoxnet/site-agent/trainer/ipc';
import { ProgressReports } from '@fedoxnet/site-agent/trainer/progress-reports';
import type { StepReport } from '@fedoxnet/site-agent/training/learner';
import { expect } from 'chai';
import { describe, it } from 'mocha';

const report = (losses: [string, number][]): StepReport => ({
  losses: new Map(losses) as StepReport['losses'],
  films: Uint8Array.of(1),
  truePositives: 0,
  pseudoPositives: 0,
  pseudo: NO_PSEUDO_BOXES,
});

describe('progress reports', () => {
  it('come at most four times a second, and after the last step', () => {
    let clock = 0;
    const sent: TrainerEvent[] = [];
    const reports = new ProgressReports(
      1,
      12,
      (event) => sent.push(event),
      () => clock,
    );
    for (let step = 1; step <= 12; step++) {
      clock += 100;
      reports.add(step, report([['focal', step]]), 8, NO_PSEUDO_BOXES);
    }
    expect(sent.map((event) => event.kind === 'progress' && event.step)).to.deep.equal([3, 6, 9, 12]);
  });

  it('hold the means since the last one, the films per second, and the boxes of the whole round', () => {
    let clock = 0;
    const sent: TrainerEvent[] = [];
    const reports = new ProgressReports(
      2,
      100,
      (event) => sent.push(event),
      () => clock,
    );
    clock = 200;
    reports.add(1, report([['focal', 1]]), 8, { kept: 1, dropped: 0 });
    clock = 400;
    reports.add(
      2,
      report([
        ['focal', 3],
        ['image', 5],
      ]),
      8,
      { kept: 3, dropped: 1 },
    );
    clock = 800;
    reports.add(3, report([]), 4, { kept: 3, dropped: 2 });
    expect(sent).to.deep.equal([
      {
        ...{ kind: 'progress', round: 2, step: 2, steps: 100, losses: { focal: 2, image: 5 } },
        ...{ pseudo: { kept: 3, dropped: 1 }, filmsPerSecond: 40 },
      },
      {
        ...{ kind: 'progress', round: 2, step: 3, steps: 100, losses: {} },
        ...{ pseudo: { kept: 3, dropped: 2 }, filmsPerSecond: 10 },
      },
    ]);
  });
});
