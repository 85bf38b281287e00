import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { EChartsOption } from 'echarts';
import { formatPrecision } from '../view/format.js';
import { seriesMark } from '../view/page/chart-theme.js';
import { AP_LABELS, apLines, type ApMeasure } from './ap-lines.js';
import { axisLook, chartBase, legendHeight, roundAxis, type Chart, type ChartFrame } from './chart.js';

const PLOT_HEIGHT = 300;

/** Average precision of the released models on held-out films: a line per class, the mean over classes in bold. */
export function apByClass(status: StudyStatus, measure: ApMeasure, { theme, width }: ChartFrame): Chart {
  const { rounds, mean, classes } = apLines(status, measure);
  const names = ['Mean', ...classes.map(({ name }) => name)];
  const below = legendHeight(names, width);
  const option: EChartsOption = {
    ...chartBase(theme, names, formatPrecision),
    grid: { left: 40, right: 18, top: 30, bottom: below + 44, outerBoundsMode: 'none' },
    xAxis: roundAxis(theme, rounds),
    yAxis: {
      ...axisLook(theme),
      type: 'value',
      name: AP_LABELS[measure],
      min: 0,
      max: 1,
      axisLine: { show: false },
    },
    series: [
      ...classes.map(({ name, values }, index) => {
        const { color, symbol, dash } = seriesMark(theme, index);
        return {
          type: 'line' as const,
          name,
          data: [...values],
          color,
          symbol,
          symbolSize: 8,
          showAllSymbol: true,
          lineStyle: { width: 1.8, type: dash },
        };
      }),
      {
        type: 'line',
        name: 'Mean',
        data: [...mean],
        color: theme.text,
        symbol: 'circle',
        symbolSize: 6,
        lineStyle: { width: 3.5 },
        z: 3,
      },
    ],
  };
  return { option, height: PLOT_HEIGHT + below };
}
