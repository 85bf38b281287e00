import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { BarSeriesOption, EChartsOption } from 'echarts';
import { seriesMark } from '../view/page/chart-theme.js';
import { formatBytes } from '../view/page/numbers.js';
import { axisLook, chartBase, legendHeight, roundAxis, type Chart, type ChartFrame } from './chart.js';
import { roundTraffic } from './round-traffic.js';

const PLOT_HEIGHT = 300;

/** Two bars per round: the sites' sealed updates stacked, and the release beside them. */
export function bytesByRound(status: StudyStatus, { theme, width }: ChartFrame): Chart {
  const traffic = roundTraffic(status);
  const names = [...status.sites.map(({ site }) => site), 'Release'];
  const below = legendHeight(names, width);
  const look = axisLook(theme);
  const bar = (name: string, stack: string, color: string, data: number[]): BarSeriesOption => ({
    type: 'bar',
    name,
    stack,
    data,
    color,
    barMaxWidth: 34,
    itemStyle: { borderColor: theme.surface, borderWidth: 1 },
  });
  const option: EChartsOption = {
    ...chartBase(theme, names, formatBytes),
    grid: { left: 58, right: 18, top: 30, bottom: below + 44, outerBoundsMode: 'none' },
    xAxis: roundAxis(
      theme,
      traffic.map(({ round }) => round),
    ),
    yAxis: {
      ...look,
      type: 'value',
      name: 'Sealed bytes',
      min: 0,
      axisLine: { show: false },
      axisLabel: {
        ...look.axisLabel,
        formatter: (bytes: number) => formatBytes(bytes).replace(/\.0+ /, ' '),
      },
    },
    series: [
      ...status.sites.map(({ site }, index) =>
        bar(
          site,
          'updates',
          seriesMark(theme, index).color,
          traffic.map(({ uploads }) => uploads[index] ?? 0),
        ),
      ),
      bar(
        'Release',
        'release',
        theme.muted,
        traffic.map(({ release }) => release),
      ),
    ],
  };
  return { option, height: PLOT_HEIGHT + below };
}
