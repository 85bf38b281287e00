import { expect } from 'chai';
import { chartSvg } from '@fedoxnet/coordinator/dashboard/chart-svg';
import { apByClass } from '@fedoxnet/coordinator/dashboard/charts/ap-by-class';
import { apLines } from '@fedoxnet/coordinator/dashboard/charts/ap-lines';
import { bytesByRound } from '@fedoxnet/coordinator/dashboard/charts/bytes-by-round';
import { lossCurves } from '@fedoxnet/coordinator/dashboard/charts/loss-curves';
import { lossPanels } from '@fedoxnet/coordinator/dashboard/charts/loss-panels';
import { roundTraffic } from '@fedoxnet/coordinator/dashboard/charts/round-traffic';
import { DARK_THEME, LIGHT_THEME, seriesMark } from '@fedoxnet/shared/page/chart-theme';
import { metrics, round, siteRound, study } from './small-study.js';

const FRAME = { width: 800, theme: LIGHT_THEME };

describe('dashboard charts: loss by term and site', () => {
  const curve = (...points: [number, Record<string, number>][]) =>
    points.map(([step, losses]) => ({ step, losses }));

  it('places a step inside its round, and a term only at the sites that report it', () => {
    const panels = lossPanels(
      study([
        round(1, {
          sites: [
            siteRound('alpha', { curve: curve([5, { focal: 2 }], [10, { focal: 1 }]) }),
            siteRound('beta', { steps: 4, curve: curve([1, { image: 0.5 }]) }),
          ],
        }),
        round(2, { sites: [siteRound('alpha', { curve: curve([5, { focal: 0.5 }]) })] }),
      ]),
    );
    expect(panels.map(({ term, lines }) => [term, lines])).to.deep.equal([
      [
        'focal',
        [
          {
            site: 'alpha',
            index: 0,
            points: [
              [0.5, 2], // step 5 of 10 in round 1
              [1, 1],
              [1.5, 0.5], // step 5 of 10 in round 2
            ],
          },
        ],
      ],
      ['image', [{ site: 'beta', index: 1, points: [[0.25, 0.5]] }]],
    ]);
  });

  it('orders the terms as the loss is written, unknown ones last by name', () => {
    const losses = { zeta: 1, soft: 1, total: 1, alpha: 1, focal: 1 };
    const panels = lossPanels(
      study([round(1, { sites: [siteRound('alpha', { curve: curve([1, losses]) })] })]),
    );
    expect(panels.map(({ term }) => term)).to.deep.equal(['total', 'focal', 'soft', 'alpha', 'zeta']);
  });

  it('counts a round that was tried again with its last attempt alone', () => {
    const attempt = (number: number, loss: number) =>
      round(1, {
        attempt: number,
        sites: [siteRound('alpha', { curve: curve([10, { focal: loss }]) })],
      });
    const [panel] = lossPanels(study([attempt(1, 9), attempt(2, 3)]));
    expect(panel?.lines[0]?.points).to.deep.equal([[1, 3]]);
  });

  it('gives each term a plot of its own, and a site one colour in all of them', () => {
    const losses = { focal: 1, regression: 2 };
    const sites = ['alpha', 'beta'].map((site) => siteRound(site, { curve: curve([5, losses]) }));
    const { option } = lossCurves(study([round(1, { sites })]), FRAME);
    const series = option.series as { name: string; xAxisIndex: number; color: string }[];
    expect(series.map(({ name, xAxisIndex }) => [name, xAxisIndex])).to.deep.equal([
      ['alpha', 0],
      ['beta', 0],
      ['alpha', 1],
      ['beta', 1],
    ]);
    expect(series[0]?.color).to.equal(series[2]?.color).and.not.equal(series[1]?.color);
  });
});

describe('dashboard charts: average precision by class and round', () => {
  const scored = study([
    round(1, { metrics: metrics(null, 0.25) }),
    round(2),
    round(3, { metrics: metrics(0.5, 0.75) }),
  ]);

  it('leaves out rounds without scores and keeps an unmeasurable class as a gap', () => {
    expect(apLines(scored, 'ap40')).to.deep.equal({
      rounds: [1, 3],
      mean: [0.25, 0.625],
      classes: [
        { name: 'Nodule', values: [null, 0.5] },
        { name: 'Effusion', values: [0.25, 0.75] },
      ],
    });
  });

  it('reads the measure it is asked for', () => {
    const metricsOf = metrics(0.5, 0.75);
    const only75 = { ...metricsOf, mean: { ...metricsOf.mean, ap75: 0.125 } };
    expect(apLines(study([round(1, { metrics: only75 })]), 'ap75').mean).to.deep.equal([0.125]);
  });

  it('draws in SVG, from zero to one, with the names of the classes', () => {
    const chart = apByClass(scored, 'ap50', FRAME);
    expect(chart.option.yAxis).to.include({ min: 0, max: 1, name: 'AP50' });
    const svg = chartSvg(chart, FRAME.width, '#ffffff');
    expect(svg).to.contain('Effusion').and.contain('Nodule').and.contain('AP50');
    expect(svg).to.contain(seriesMark(LIGHT_THEME, 1).color);
  });

  it('never reads a class name as markup', () => {
    const hostile = study([], { classes: ['<img src=x onerror=alert(1)>'] });
    expect(chartSvg(apByClass(hostile, 'ap40', FRAME), 800, '#fff')).not.to.contain('<img');
  });
});

describe('dashboard charts: bytes by round', () => {
  const status = study([
    round(1, {
      sites: [siteRound('alpha', { uploadBytes: 100 }), siteRound('beta', { uploadBytes: 40 })],
      release: { number: 1, digest: 'e'.repeat(64), bytes: 300 },
    }),
    round(2, { sites: [siteRound('alpha', { uploadBytes: 90 })] }),
    round(3, { sites: [siteRound('alpha')] }),
  ]);

  it('counts each site’s update and the release, and leaves out a round in which nothing moved', () => {
    expect(roundTraffic(status)).to.deep.equal([
      { round: 1, uploads: [100, 40], release: 300 },
      { round: 2, uploads: [90, 0], release: 0 },
    ]);
  });

  it('stacks the updates and sets the release beside them', () => {
    const series = bytesByRound(status, FRAME).option.series as {
      name: string;
      stack: string;
      data: number[];
    }[];
    expect(series.map(({ name, stack, data }) => [name, stack, data])).to.deep.equal([
      ['alpha', 'updates', [100, 90]],
      ['beta', 'updates', [40, 0]],
      ['Release', 'release', [300, 0]],
    ]);
  });
});

describe('dashboard charts: theme', () => {
  /** WCAG 2.2 relative luminance and contrast of #rrggbb colours. */
  function contrast(one: string, other: string): number {
    const luminance = (colour: string) => {
      const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
        const channel = parseInt(colour.slice(at, at + 2), 16) / 255;
        return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
  }

  for (const [name, theme] of Object.entries({ light: LIGHT_THEME, dark: DARK_THEME })) {
    it(`keeps 3:1 between every line and the ${name} surface, and 4.5:1 for text`, () => {
      for (const colour of theme.series) expect(contrast(colour, theme.surface), colour).to.be.at.least(3);
      expect(contrast(theme.text, theme.surface)).to.be.at.least(4.5);
      expect(contrast(theme.muted, theme.surface)).to.be.at.least(4.5);
    });
  }

  it('gives no two of 21 series the same look', () => {
    const looks = Array.from({ length: 21 }, (_, index) => JSON.stringify(seriesMark(LIGHT_THEME, index)));
    expect(new Set(looks).size).to.equal(21);
  });
});
