import { expect } from 'chai';
import { COCO_IOUS, iouRange, parseIous, plainIou } from '@fedoxnet/site-agent/evaluation/iou-thresholds';

describe('IoU thresholds', () => {
  it('are those of numpy.linspace, bit for bit', () => {
    // print(np.linspace(.5, .95, 10).tolist()) and np.linspace(.1, .9, 9) in numpy 2.4
    expect(COCO_IOUS).to.deep.equal([0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.8999999999999999, 0.95]);
    expect(iouRange(0.1, 0.9, 0.1)).to.deep.equal([
      0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6, 0.7000000000000001, 0.8, 0.9,
    ]);
    expect(iouRange(0.5, 0.5, 0.1)).to.deep.equal([0.5]);
    expect(COCO_IOUS.map(plainIou)[8]).to.equal(0.9);
  });

  it('are read as a range or a list', () => {
    expect(parseIous('.5:.95:.05')).to.deep.equal(COCO_IOUS);
    expect(parseIous('0.75, 0.4,0.4')).to.deep.equal([0.4, 0.75]);
    expect(parseIous('0.6')).to.deep.equal([0.6]);
  });

  for (const text of [
    '',
    'a',
    '.5:.9',
    '.9:.5:.1',
    '.5:.9:0',
    '.5:.9:-.1',
    '0:.5:.1',
    '.5:1.5:.5',
    '.4,,.5',
    '.4:.5,.6',
    '1e-9:1:1e-9',
  ])
    it(`are refused as "${text}"`, () => {
      expect(parseIous(text)).to.equal(null);
    });
});
