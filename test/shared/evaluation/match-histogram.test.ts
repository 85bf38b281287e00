import { expect } from 'chai';
import { evaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';

type Pairs = [number, number][];
const at = (iou: number, matched: Pairs, unmatched: Pairs) => ({ iou, matched, unmatched });
/** Three boxes on five films; four detections, of which the one in bin 800 overlaps its box by less than .75. */
const nodule = {
  class: 'Nodule',
  films: 5,
  truths: 3,
  byIou: [
    at(
      0.4,
      [
        [800, 1],
        [900, 1],
      ],
      [[100, 2]],
    ),
    at(
      0.75,
      [[900, 1]],
      [
        [100, 2],
        [800, 1],
      ],
    ),
  ],
};
const mass = { class: 'Mass', films: 0, truths: 0, byIou: [at(0.4, [], [])] };
const report = { films: 6, classes: [nodule, mass] };
const withNodule = (changes: object) => ({ ...report, classes: [{ ...nodule, ...changes }] });
const branch = { positive: [[700, 2]], negative: [[300, 3]] };
const image = { class: 'Nodule', positives: 2, negatives: 3, global: branch, local: branch };
const withheld = { suppressBelow: 5, detections: ['Fracture'], images: ['Fracture', 'Mass'] };
const withFirst = (matched: Pairs, unmatched: Pairs) => withNodule({ byIou: [at(0.4, matched, unmatched)] });

describe('evaluation report', () => {
  it('is taken when films could give it', () => {
    expect(evaluationReport.parse(report)).to.deep.equal(report);
    const whole = { ...report, images: [image], withheld };
    expect(evaluationReport.parse(whole)).to.deep.equal(whole);
    const nothing = { films: null, classes: [], images: [], withheld };
    expect(evaluationReport.parse(nothing)).to.deep.equal(nothing);
    expect(evaluationReport.parse({ films: 0, classes: [] })).to.deep.equal({ films: 0, classes: [] });
  });

  const bad: [string, unknown, string][] = [
    ['more matches than true boxes', withFirst([[900, 4]], []), '0.matched: 4 matches of 3 true boxes'],
    ['true boxes without films', withNodule({ films: 0, byIou: [] }), 'true boxes without films'],
    [
      'detections without films',
      { ...report, classes: [{ ...mass, byIou: [at(0.4, [], [[5, 1]])] }] },
      'detections without films',
    ],
    ['more films of a class than films', withNodule({ films: 7 }), 'classes.0.films: 7 of 6 films'],
    ['a class twice', { ...report, classes: [nodule, nodule] }, 'classes.1.class: Nodule is listed twice'],
    ['more than 1000 true boxes on a film', withNodule({ truths: 5001 }), '5001 true boxes on 5 films'],
    [
      'more than 1000 detections on a film',
      withFirst([], [[100, 5001]]),
      'unmatched: 5001 detections on 5 films',
    ],
    [
      'a class both sent and withheld',
      { ...report, withheld: { ...withheld, detections: ['Mass'] } },
      'withheld.detections.0: Mass is listed twice',
    ],
    [
      'a class withheld twice',
      { ...report, withheld: { ...withheld, images: ['Mass', 'Mass'] } },
      'withheld.images.1: Mass is listed twice',
    ],
    ['a class scored twice as a whole', { ...report, images: [image, image] }, 'images.1.class: Nodule is'],
    [
      'more whole films than films',
      { ...report, films: 5, classes: [], images: [{ ...image, positives: 3 }] },
      'images.0',
    ],
    [
      'bins that do not add up to their films',
      { ...report, images: [{ ...image, negatives: 4 }] },
      'images.0.global.negative: counts 3 of 4 films',
    ],
    ['films of a class where their number is withheld', { ...report, films: null }, '5 of 0 films'],
    ['a threshold of nobody', { ...report, withheld: { ...withheld, suppressBelow: 0 } }, 'suppressBelow'],
    ['a class without a name', withNodule({ class: '' }), 'class'],
    [
      'an IoU twice',
      withNodule({ byIou: [nodule.byIou[0], nodule.byIou[0]] }),
      'byIou.1: IoU 0.4 is listed twice',
    ],
    ['an IoU of 0', withNodule({ byIou: [at(0, [], [])] }), 'iou'],
    ['an IoU above 1', withNodule({ byIou: [at(1.1, [], [])] }), 'iou'],
    [
      'bins that fall',
      withFirst(
        [
          [900, 1],
          [800, 1],
        ],
        [],
      ),
      'matched: bins must rise',
    ],
    [
      'a bin twice',
      withFirst(
        [],
        [
          [800, 1],
          [800, 1],
        ],
      ),
      'unmatched: bins must rise',
    ],
    ['a bin that does not exist', withFirst([[1000, 1]], []), 'matched.0.0'],
    ['an empty bin', withFirst([[900, 0]], []), 'matched.0.1'],
    ['a negative count', withFirst([[900, -1]], []), 'matched.0.1'],
    ['half a detection', withFirst([[900, 0.5]], []), 'matched.0.1'],
    ['a count that sums would lose', withFirst([], [[900, 2 ** 53]]), 'unmatched.0.1'],
    ['counts that are not finite', withNodule({ truths: Infinity }), 'truths'],
    [
      'detections that change with the threshold',
      withNodule({ byIou: [nodule.byIou[0], at(0.75, [[900, 1]], [[100, 3]])] }),
      'byIou.1: counts other detections than the first IoU',
    ],
  ];
  for (const [what, value, message] of bad) {
    it(`is refused with ${what}`, () => {
      const parsed = evaluationReport.safeParse(value);
      expect(parsed.success).to.equal(false);
      if (!parsed.success) expect(firstIssue(parsed.error)).to.contain(message);
    });
  }
});
