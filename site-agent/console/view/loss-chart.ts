import type { EChartsCoreOption } from 'echarts';
import type { CurvePoint } from '../messages.js';

/** The terms of OXnet's loss in the order of its equation; other terms follow by name. */
const TERMS: ReadonlyMap<string, string> = new Map([
  ['focal', 'Lesion classes'],
  ['regression', 'Lesion boxes'],
  ['soft', 'Teacher’s classes'],
  ['softRegression', 'Teacher’s boxes'],
  ['image', 'Image labels'],
  ['intra', 'Film alignment'],
  ['inter', 'Prototype alignment'],
]);
/** After Okabe and Ito (2008), lightened for a dark ground. */
const COLOURS = ['#4aa8e8', '#f08441', '#35c79b', '#e39ac4', '#efb73e', '#8fd0f5', '#a8b3bf'];
const DASHES = ['solid', 'dashed', 'dotted'] as const;

export function lossTerms(curve: readonly CurvePoint[]): string[] {
  const order = [...TERMS.keys()];
  const rank = (term: string): number => (order.indexOf(term) + order.length + 1) % (order.length + 1);
  const terms = [...new Set(curve.flatMap(({ losses }) => Object.keys(losses)))];
  return terms.sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

export function lossLabel(term: string): string {
  return TERMS.get(term) ?? term;
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
    series: lossTerms(curve).map((term, index) => ({
      name: lossLabel(term),
      type: 'line',
      showSymbol: false,
      lineStyle: { width: 2, type: DASHES[Math.floor(index / COLOURS.length) % DASHES.length] },
      color: COLOURS[index % COLOURS.length],
      data: curve.flatMap(({ step, losses }) => (losses[term] === undefined ? [] : [[step, losses[term]]])),
    })),
  };
}
