import { expect } from 'chai';
import { anchorGrid, ANCHORS_PER_CELL } from '@fedoxnet/site-agent/model/anchors';

const side = (boxes: Float32Array, anchor: number) => {
  const [x1, y1, x2, y2] = boxes.subarray(anchor * 4, anchor * 4 + 4) as unknown as number[];
  return { width: x2! - x1!, height: y2! - y1!, x: (x1! + x2!) / 2, y: (y1! + y2!) / 2 };
};

function expectCentre(anchor: ReturnType<typeof side>, x: number, y: number): void {
  expect(anchor.x).to.be.closeTo(x, 1e-5);
  expect(anchor.y).to.be.closeTo(y, 1e-5);
}

describe('anchors', () => {
  it('has the sizes of the paper at P3: base 32, ratio-major, scale-minor', () => {
    const { boxes } = anchorGrid({ size: 512, levels: [3, 7], anchorScale: 4 });
    const sizes = Array.from({ length: ANCHORS_PER_CELL }, (_, a) => side(boxes, a));
    expect(sizes[0]!.width).to.be.closeTo(45.25, 0.01);
    expect(sizes[0]!.height).to.be.closeTo(22.63, 0.01);
    const areas = sizes.map(({ width, height }) => Math.sqrt(width * height));
    for (const [a, area] of areas.entries()) expect(area).to.be.closeTo([32, 40.32, 50.8][a % 3]!, 0.01);
    const ratios = sizes.map(({ width, height }) => height / width);
    for (const [a, ratio] of ratios.entries())
      expect(ratio).to.be.closeTo([0.5, 1, 2][Math.floor(a / 3)]!, 1e-5);
  });

  it('centres them in their cells, columns fastest', () => {
    const { boxes } = anchorGrid({ size: 512, levels: [3, 7], anchorScale: 4 });
    expectCentre(side(boxes, 0), 4, 4);
    expectCentre(side(boxes, ANCHORS_PER_CELL), 12, 4);
    expectCentre(side(boxes, 64 * ANCHORS_PER_CELL), 4, 12);
  });

  for (const [size, lowest, count] of [
    [512, 2, 196_560],
    [512, 3, 49_104],
    [256, 2, 49_140],
    [256, 3, 12_276],
    [128, 2, 12_285],
    [128, 3, 3_069],
  ] as const) {
    it(`has ${count} anchors for ${size} px, P${lowest}–P7`, () => {
      const grid = anchorGrid({ size, levels: [lowest, 7], anchorScale: 4 });
      expect(grid.count).to.equal(count);
      expect(grid.boxes).to.have.length(count * 4);
      expect(grid.levels.map(({ level }) => level)).to.deep.equal(
        Array.from({ length: 8 - lowest }, (_, l) => lowest + l),
      );
    });
  }

  it('says where each level begins, and rounds half-covered cells up', () => {
    // 96 px: 12², 6², 3² and at P6 ⌈96 / 64⌉² = 2² cells
    const { levels } = anchorGrid({ size: 96, levels: [3, 6], anchorScale: 2 });
    expect(levels.map(({ cells }) => cells)).to.deep.equal([12, 6, 3, 2]);
    expect(levels.map(({ first }) => first)).to.deep.equal([0, 1296, 1620, 1701]);
  });

  it('scales with anchorScale', () => {
    const { boxes } = anchorGrid({ size: 128, levels: [3, 6], anchorScale: 2 });
    const { width, height } = side(boxes, 3); // ratio 1, scale 1
    expect([width, height]).to.deep.equal([16, 16]);
  });
});
