import { expect } from 'chai';
import type { ClassScores, CrossSite } from '@fedoxnet/shared/protocol/cross-site';
import { scoreRows, scoresLegend } from '@fedoxnet/coordinator/dashboard/view/score-rows';

const scores = (name: string, change: Partial<ClassScores> = {}): ClassScores => ({
  class: name,
  ...{ films: 0, truths: 0, ap: null, ap40: null, ap50: null, ap75: null, froc: null, sensitivities: null },
  ...{ positives: 0, negatives: 0, globalAuc: null, localAuc: null },
  ...change,
});

const study: CrossSite = {
  round: 4,
  suppressBelow: 5,
  sites: [
    {
      site: 'north',
      classes: [
        scores('Mass', { truths: 1240, ap40: 0.5, positives: 20, negatives: 60, globalAuc: 0.75 }),
        scores('Nodule', { films: null, truths: null, positives: null, negatives: null }),
      ],
    },
    { site: 'south', classes: null },
  ],
  pooled: [
    scores('Mass', { truths: 1240, ap40: 0.5, positives: 20, negatives: 60, globalAuc: 0.75 }),
    scores('Nodule', { truths: 1, ap40: 1 }),
  ],
};

describe('scores by class and site', () => {
  it('show each figure with what it rests on, and how high it is', () => {
    const [mass, nodule, mean] = scoreRows(study, 'ap40');
    // 0.5 lies in the fourth of six equal steps.
    expect(mass).to.deep.equal({
      class: 'Mass',
      cells: [
        { value: '0.500', note: '1,240 boxes', heat: 3 },
        { value: '–', note: 'no report', heat: null },
        { value: '0.500', note: '1,240 boxes', heat: 3 },
      ],
    });
    expect(nodule?.cells[0]).to.deep.equal({ value: '<', note: 'withheld', heat: null });
    expect(nodule?.cells[2]).to.deep.equal({ value: '1.000', note: '1 box', heat: 5 });
    expect(mean?.class).to.equal('Mean');
    expect(mean?.cells.map(({ value }) => value)).to.deep.equal(['', '', '0.750']);
  });

  it('show an AUC with its films, warm from one half on', () => {
    const [mass, nodule] = scoreRows(study, 'globalAuc');
    expect(mass?.cells[0]).to.deep.equal({ value: '0.750', note: '20 of 80 films', heat: 3 });
    expect(nodule?.cells[0]?.value).to.equal('<');
    expect(nodule?.cells[2]).to.deep.equal({ value: '–', note: 'no films', heat: null });
  });

  it('say which release is shown, and what < stands for where it can come', () => {
    expect(scoresLegend(study, 'froc')).to.contain('Release 4').and.contain('fewer than 5 patients');
    expect(scoresLegend({ ...study, suppressBelow: 1 }, 'ap')).to.not.contain('<');
  });
});
