import { expect } from 'chai';
import type { ClassScores } from '@fedoxnet/shared/protocol/cross-site';
import { scoresText } from '@fedoxnet/coordinator/cli/scores-table';

const scores = (name: string, change: Partial<ClassScores> = {}): ClassScores => ({
  class: name,
  ...{ films: 0, truths: 0, ap: null, ap40: null, ap50: null, ap75: null, froc: null, sensitivities: null },
  ...{ positives: 0, negatives: 0, globalAuc: null, localAuc: null },
  ...change,
});

describe('scoresText', () => {
  it('shows a figure with its count, what is withheld, and what cannot be measured', () => {
    const text = scoresText({
      round: 3,
      suppressBelow: 5,
      sites: [
        { site: 'north', classes: [scores('Mass', { truths: 31, ap40: 0.5123 }), scores('Nodule')] },
        {
          site: 'south',
          classes: [
            scores('Mass', { films: null, truths: null }),
            scores('Nodule', { truths: 7, ap40: 0.25 }),
          ],
        },
        { site: 'west', classes: null },
      ],
      pooled: [scores('Mass', { truths: 31, ap40: 0.5123 }), scores('Nodule', { truths: 7, ap40: 0.25 })],
    });
    expect(text.split('\n').slice(0, 6)).to.deep.equal([
      'Release 3',
      '',
      'AP40 (true boxes)',
      'class   north       south      west  all sites',
      'Mass    0.512 (31)  <          –     0.512 (31)',
      'Nodule  –           0.250 (7)  –     0.250 (7)',
    ]);
    expect(text).to.contain('mean                                 0.381'); // (0.5123 + 0.25) / 2
    expect(text).to.contain('fewer than 5 patients');
  });

  it('explains no sign that cannot come', () => {
    const text = scoresText({ round: 1, suppressBelow: 1, sites: [], pooled: [scores('Mass')] });
    expect(text).to.not.contain('<');
  });
});
