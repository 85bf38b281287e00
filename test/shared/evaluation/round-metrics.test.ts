import { expect } from 'chai';
import {
  evaluationReport,
  type ClassMatches,
  type EvaluationReport,
} from '@fedoxnet/shared/evaluation/match-histogram';
import type { ScoreHistogram } from '@fedoxnet/shared/evaluation/score-histogram';
import { roundMetricsOf } from '@fedoxnet/shared/evaluation/round-metrics';
import { sumReports } from '@fedoxnet/shared/evaluation/sum-reports';

const matches = (
  name: string,
  films: number,
  truths: number,
  byIou: [number, ScoreHistogram, ScoreHistogram][],
): ClassMatches => ({
  class: name,
  films,
  truths,
  byIou: byIou.map(([iou, matched, unmatched]) => ({
    iou,
    matched: matched.map(([bin, count]) => [bin, count]),
    unmatched: unmatched.map(([bin, count]) => [bin, count]),
  })),
});

describe('sumReports and roundMetricsOf', () => {
  // Site A finds its one nodule at IoU .40 but not at .75; site B, with two classes, misses its nodule.
  const siteA: EvaluationReport = {
    films: 10,
    classes: [
      matches('Nodule', 10, 1, [
        [0.4, [[900, 1]], []],
        [0.75, [], [[900, 1]]],
      ]),
    ],
  };
  const siteB: EvaluationReport = {
    films: 4,
    classes: [
      matches('Nodule', 3, 1, [
        [
          0.4,
          [],
          [
            [900, 1],
            [950, 2],
          ],
        ],
        [
          0.75,
          [],
          [
            [900, 1],
            [950, 2],
          ],
        ],
      ]),
      matches('Mass', 4, 1, [
        [0.4, [[800, 1]], []],
        [0.75, [[800, 1]], []],
      ]),
    ],
  };

  it('sum films, boxes and bins class by class', () => {
    const sum = sumReports([siteA, siteB]);
    expect(evaluationReport.parse(sum)).to.deep.equal(sum);
    expect(sum.films).to.equal(14);
    expect(sum.classes[0]).to.deep.equal(
      matches('Nodule', 13, 2, [
        [
          0.4,
          [[900, 1]],
          [
            [900, 1],
            [950, 2],
          ],
        ],
        [
          0.75,
          [],
          [
            [900, 2],
            [950, 2],
          ],
        ],
      ]),
    );
    expect(sum.classes[1]).to.deep.equal(siteB.classes[1]);
    expect(sumReports([])).to.deep.equal({ films: 0, classes: [], images: [] });
  });

  it('average over thresholds, then over the classes that have boxes', () => {
    const metrics = roundMetricsOf([siteA, siteB], ['Mass', 'Nodule', 'Fracture'], [0.4, 0.75]);
    // Nodule at .40: one hit among 4 detections of the top bins, recall ½: 51 samples of ¼. At .75: 0.
    const nodule = 51 / 4 / 101;
    expect(metrics.perClass.map((row) => row.class)).to.deep.equal(['Mass', 'Nodule', 'Fracture']);
    expect(metrics.perClass[0]).to.deep.equal({
      class: 'Mass',
      films: 4,
      truths: 1,
      ap: 1,
      ap40: 1,
      ap50: null,
      ap75: 1,
    });
    expect(metrics.perClass[1]?.ap40).to.be.closeTo(nodule, 1e-12);
    expect(metrics.perClass[1]?.ap75).to.equal(0);
    expect(metrics.perClass[1]?.ap).to.be.closeTo(nodule / 2, 1e-12);
    expect(metrics.perClass[2]).to.deep.equal({
      class: 'Fracture',
      films: 0,
      truths: 0,
      ap: null,
      ap40: null,
      ap50: null,
      ap75: null,
    });
    expect(metrics.mean.ap40).to.be.closeTo((1 + nodule) / 2, 1e-12);
    expect(metrics.mean.ap50).to.equal(null);
  });

  it('leave thresholds outside .40 … .75 out of the mean, and know .05 steps that are not exact', () => {
    const ious = [0.3, 0.4, 0.4 + 2 * 0.05, 0.4 + 7 * 0.05, 0.9];
    const found = matches(
      'Mass',
      1,
      1,
      ious.map((iou) => [iou, iou < 0.45 ? [[900, 1]] : [], []]),
    );
    const { mean } = roundMetricsOf([{ films: 1, classes: [found] }], ['Mass'], ious);
    expect(mean.ap).to.be.closeTo(1 / 3, 1e-12);
    expect([mean.ap40, mean.ap50, mean.ap75]).to.deep.equal([1, 0, 0]);
  });

  it('are null everywhere before anyone reported', () => {
    expect(roundMetricsOf([], ['Mass'], [0.4]).mean).to.deep.equal({
      ap: null,
      ap40: null,
      ap50: null,
      ap75: null,
    });
  });
});
