import { chartSvg } from '@fedoxnet/coordinator/dashboard/chart-svg';
import { axisLook, type Chart } from '@fedoxnet/coordinator/dashboard/charts/chart';
import { LIGHT_THEME, seriesMark } from '@fedoxnet/shared/page/chart-theme';
import { escapeXml, FONT_FAMILY, rasterize } from '@fedoxnet/site-agent/reports/rasterize';
import type { ArmReport } from './ablation-report.js';

const WIDTH = 760;
const MARGIN = 24;
const HEADING = 52;
const THEME = LIGHT_THEME;

/** AP40 by row: a thin line per repetition, the mean in bold. @returns a PNG file */
export function ablationPicture(reports: readonly ArmReport[], films: string): Buffer {
  const chart = ablationChart(reports);
  const [outerWidth, outerHeight] = [WIDTH + 2 * MARGIN, chart.height + 2 * MARGIN + HEADING];
  const text = (y: number, size: number, weight: string, content: string): string =>
    `<text x="${MARGIN}" y="${y}" font-family="${FONT_FAMILY}" font-size="${size}" font-weight="${weight}" fill="${THEME.text}">${escapeXml(content)}</text>`;
  return rasterize(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}">
<rect width="100%" height="100%" fill="${THEME.surface}"/>
${text(MARGIN + 18, 18, 'bold', 'What each kind of supervision adds: AP40, mean over classes')}
${text(MARGIN + 40, 12, 'normal', `${films}; thin: one repetition, bold: mean`)}
<svg x="${MARGIN}" y="${MARGIN + HEADING}" width="${WIDTH}" height="${chart.height}">${chartSvg(chart, WIDTH, THEME.surface)}</svg>
</svg>`,
    2,
  );
}

function ablationChart(reports: readonly ArmReport[]): Chart {
  const look = axisLook(THEME);
  const repetitions = Math.max(...reports.map(({ seeds }) => seeds.length));
  const option: Chart['option'] = {
    animation: false,
    textStyle: { fontFamily: THEME.font, color: THEME.text },
    grid: { left: 48, right: 24, top: 16, bottom: 44, outerBoundsMode: 'none' },
    xAxis: {
      ...look,
      type: 'category',
      data: reports.map(({ arm }) => arm),
      // Every row by name, in two lines where it needs them.
      axisLabel: { ...look.axisLabel, interval: 0, width: 88, overflow: 'break' },
    },
    yAxis: {
      ...look,
      type: 'value',
      scale: true,
      axisLine: { show: false },
      axisLabel: { ...look.axisLabel, formatter: (ap: number) => ap.toFixed(2) },
    },
    series: [
      ...Array.from({ length: repetitions }, (_, seed) => {
        const { color, symbol } = seriesMark(THEME, seed);
        return {
          type: 'line' as const,
          data: reports.map(({ seeds }) => seeds[seed] ?? null),
          color,
          symbol,
          symbolSize: 6,
          lineStyle: { width: 1, opacity: 0.6 },
        };
      }),
      {
        type: 'line',
        data: reports.map(({ ap40 }) => ap40?.mean ?? null),
        color: THEME.text,
        symbol: 'circle',
        symbolSize: 8,
        lineStyle: { width: 3.5 },
        z: 3,
      },
    ],
  };
  return { option, height: 340 };
}
