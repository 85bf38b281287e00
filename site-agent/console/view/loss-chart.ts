import type { EChartsCoreOption } from 'echarts';
import type { CurvePoint } from '../messages.js';
import { DARK_THEME, seriesMark } from './page/chart-theme.js';
import { lossLabel, orderTerms } from './page/loss-terms.js';

export function lossTerms(curve: readonly CurvePoint[]): string[] {
  return orderTerms(new Set(curve.flatMap(({ losses }) => Object.keys(losses))));
}

/** A line for each term over the steps of one round, from zero. */
export function lossChart(curve: readonly CurvePoint[], steps: number): EChartsCoreOption {
  const axis = { axisLabel: { color: '#9aa8b6' }, axisLine: { lineStyle: { color: '#3a4754' } } };
  return {
    animation: false,
    textStyle: { fontFamily: "system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" },
    grid: { left: 52, right: 20, top: 72, bottom: 40 },
    legend: { top: 4, left: 0, textStyle: { color: '#dfe6ec' }, icon: 'rect', itemWidth: 18, itemHeight: 3 },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      backgroundColor: '#17202a',
      borderColor: '#3a4754',
      textStyle: { color: '#e6ecf2' },
    },
    xAxis: {
      ...axis,
      type: 'value',
      min: 0,
      max: steps,
      name: 'Step',
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: '#9aa8b6' },
      splitLine: { show: false },
    },
    yAxis: { ...axis, type: 'value', min: 0, splitLine: { lineStyle: { color: '#26313c' } } },
    series: lossTerms(curve).map((term, index) => {
      const { color, dash } = seriesMark(DARK_THEME, index);
      return {
        name: lossLabel(term),
        type: 'line',
        showSymbol: false,
        lineStyle: { width: 2, type: dash },
        color,
        data: curve.flatMap(({ step, losses }) => (losses[term] === undefined ? [] : [[step, losses[term]]])),
      };
    }),
  };
}
