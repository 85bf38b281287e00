import { expect } from 'chai';
import sharp from 'sharp';
import { lineChartPng, lineChartSvg } from '@fedoxnet/site-agent/reports/line-chart';

const options = {
  title: 'Losses & more',
  subtitle: 'by term',
  xLabel: 'step',
  yLabel: 'loss',
  series: [
    { name: 'focal', colour: '#123456', points: [[1, 4] as const, [2, 2] as const, [3, 1] as const] },
    { name: 'soft', colour: '#abcdef', points: [[2, 0] as const, [3, 3] as const] },
  ],
};

describe('lineChart', () => {
  it('writes title, axes and one line per series in its colour', () => {
    const svg = lineChartSvg(options);
    for (const text of ['Losses &amp; more', 'by term', 'step', 'loss', 'focal', 'soft'])
      expect(svg).to.contain(text);
    expect(svg).to.match(/<path[^>]*stroke="#123456"/);
    expect(svg).to.match(/<path[^>]*stroke="#abcdef"/);
  });

  it('leaves out what a logarithmic axis cannot show', () => {
    expect(lineChartSvg({ ...options, logarithmic: true })).to.not.match(/NaN|Infinity/);
  });

  it('survives a study that has nothing to show yet', () => {
    expect(lineChartSvg({ ...options, series: [] })).to.contain('Losses');
  });

  it('makes a PNG twice as fine as its 960 × 540 units', async () => {
    const { width, height, format } = await sharp(lineChartPng(options)).metadata();
    expect([format, width, height]).to.deep.equal(['png', 1920, 1080]);
  });
});
