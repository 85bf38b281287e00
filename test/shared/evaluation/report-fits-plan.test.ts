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

  const counted = (change: object, images: object[] = []): EvaluationReport => ({
    films: 40,
    classes: [
      { class: 'Mass', films: 9, truths: 6, byIou: report('Mass', [0.4, 0.5]).classes[0]!.byIou, ...change },
    ],
    images: images as EvaluationReport['images'],
  });
  const image = {
    class: 'Nodule',
    ...{ positives: 5, negatives: 30 },
    global: { positive: [], negative: [] },
    local: { positive: [], negative: [] },
  };
  const small: [string, EvaluationReport, string | null][] = [
    ['takes five true boxes, and none', counted({ truths: 5 }), null],
    ['takes none', counted({ truths: 0 }), null],
    [
      'refuses four true boxes',
      counted({ truths: 4 }),
      '4 true boxes of Mass must be withheld, being fewer than 5',
    ],
    ['refuses films of four', counted({ films: 4, truths: 0 }), '4 films read for Mass must be withheld'],
    ['takes five films with a class', counted({}, [image]), null],
    ['refuses one film with a class', counted({}, [{ ...image, positives: 1 }]), '1 films with Nodule'],
    ['refuses one film without', counted({}, [{ ...image, negatives: 1 }]), '1 films without Nodule'],
    ['refuses a site of three films', { films: 3, classes: [] }, '3 films must be withheld'],
    ['takes a site that withholds how many', { films: null, classes: [] }, null],
  ];
  for (const [what, given, expected] of small) {
    it(what, () => {
      const why = whyReportMisfits(given, plan);
      if (expected === null) expect(why).to.equal(null);
      else expect(why).to.contain(expected);
    });
  }

  it('holds a site to its own stricter word, and shows all where the plan says so', () => {
    const withheld = { suppressBelow: 10, detections: [], images: [] };
    expect(whyReportMisfits({ ...counted({}), withheld }, plan)).to.contain('being fewer than 10');
    expect(whyReportMisfits(counted({ truths: 1 }), { ...plan, suppressBelow: 1 })).to.equal(null);
  });

  it('names a class that the plan lacks wherever it stands', () => {
    const foreign = 'class Edema is not in the plan';
    expect(whyReportMisfits(counted({}, [{ ...image, class: 'Edema' }]), plan)).to.equal(foreign);
    const withheld = { suppressBelow: 5, detections: [], images: ['Edema'] };
    expect(whyReportMisfits({ ...counted({}), withheld }, plan)).to.equal(foreign);
  });
});
