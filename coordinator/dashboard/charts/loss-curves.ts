import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import type { EChartsOption, LineSeriesOption } from 'echarts';
import { seriesMark } from '../view/page/chart-theme.js';
import { formatLoss } from '../view/page/numbers.js';
import { axisLook, chartBase, legendHeight, type Chart, type ChartFrame } from './chart.js';
import { lossPanels, type LossPanel } from './loss-panels.js';

const PANEL_HEIGHT = 172;
const PANEL_WIDTH = 250;
const PHONE_WIDTH = 300;
const MARGIN = { top: 34, right: 14, bottom: 26, left: 40 } as const;

/** Small multiples: one plot per loss term, each with its own scale from zero, one line per site. */
export function lossCurves(status: StudyStatus, frame: ChartFrame): Chart {
  const { theme, width } = frame;
  const panels = lossPanels(status);
  const fitting = Math.max(width < PHONE_WIDTH ? 1 : 2, Math.floor(width / PANEL_WIDTH));
  const columns = Math.max(1, Math.min(4, panels.length, fitting));
  const rows = Math.ceil(panels.length / columns);
  const panelWidth = width / columns;
  const left = (index: number) => (index % columns) * panelWidth;
  const top = (index: number) => Math.floor(index / columns) * PANEL_HEIGHT;
  const rounds = Math.max(1, status.rounds);
  const look = axisLook(theme);
  const drawn = new Set(panels.flatMap(({ lines }) => lines.map(({ site }) => site)));
  const sites = status.sites.map(({ site }) => site).filter((site) => drawn.has(site));
  const option: EChartsOption = {
    ...chartBase(theme, sites, formatLoss),
    title: panels.map(({ label }, index) => ({
      text: label,
      left: left(index) + 4,
      top: top(index) + 4,
      textStyle: {
        color: theme.text,
        fontFamily: theme.font,
        fontSize: 12.5,
        fontWeight: 600,
        width: panelWidth - 8,
        overflow: 'truncate' as const,
      },
    })),
    grid: panels.map((_, index) => ({
      left: left(index) + MARGIN.left,
      top: top(index) + MARGIN.top,
      width: panelWidth - MARGIN.left - MARGIN.right,
      height: PANEL_HEIGHT - MARGIN.top - MARGIN.bottom,
      outerBoundsMode: 'none' as const,
    })),
    xAxis: panels.map((_, gridIndex) => ({
      ...look,
      type: 'value' as const,
      gridIndex,
      min: 0,
      max: rounds,
      minInterval: 1,
      splitNumber: Math.min(rounds, 5),
      splitLine: { show: false },
    })),
    yAxis: panels.map((_, gridIndex) => ({
      ...look,
      type: 'value' as const,
      gridIndex,
      min: 0,
      splitNumber: 3,
      axisLine: { show: false },
    })),
    series: panels.flatMap((panel, index) => lossSeries(panel, index, frame)),
  };
  return { option, height: rows * PANEL_HEIGHT + legendHeight(sites, width) };
}

function lossSeries(panel: LossPanel, axis: number, { theme }: ChartFrame): LineSeriesOption[] {
  return panel.lines.map(({ site, index, points }) => {
    const { color, dash } = seriesMark(theme, index);
    return {
      type: 'line',
      name: site,
      xAxisIndex: axis,
      yAxisIndex: axis,
      data: points.map((point) => [...point]),
      symbol: 'circle',
      symbolSize: 4,
      showSymbol: points.length === 1,
      color,
      lineStyle: { width: 1.8, type: dash },
    };
  });
}
