import { expect } from 'chai';
import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { whyReportMisfits } from '@fedoxnet/shared/evaluation/report-fits-plan';

const report = (name: string, ious: readonly number[]): EvaluationReport => ({
  films: 9,
  classes: [
    {
      class: name,
      films: 9,
      truths: 0,
      byIou: ious.map((iou) => ({ iou, matched: [], unmatched: [] })),
    },
  ],
});
const plan = { classes: ['Mass', 'Nodule'], ious: [0.4, 0.5], suppressBelow: 5 };

describe('whyReportMisfits', () => {
  it('is null for some of the classes at all thresholds in order', () => {
    expect(whyReportMisfits(report('Nodule', [0.4, 0.5]), plan)).to.equal(null);
    expect(whyReportMisfits({ films: 0, classes: [] }, plan)).to.equal(null);
  });

  it('names a class that the plan lacks', () => {
    expect(whyReportMisfits(report('Edema', [0.4, 0.5]), plan)).to.equal('class Edema is not in the plan');
  });

  for (const ious of [[0.4], [0.5, 0.4], [0.4, 0.5, 0.6], [0.4, 0.51], []]) {
    it(`refuses ${ious.length === 0 ? 'no thresholds' : ious.join(', ')}`, () => {
      expect(whyReportMisfits(report('Mass', ious), plan))
        .to.contain('Mass')
        .and.contain('not at IoU 0.4, 0.5');
    });
  }
});
