import type { EChartsOption } from 'echarts';
import type { ChartTheme } from '../view/page/chart-theme.js';
import { NOT_KNOWN } from '../view/page/numbers.js';

/** A chart ready to draw: pure data, the same for a browser's canvas and for a picture made on the server. */
export interface Chart {
  readonly option: EChartsOption;
  /** Pixels the drawing needs at the width it was made for. */
  readonly height: number;
}

export interface ChartFrame {
  /** Pixels. */
  readonly width: number;
  readonly theme: ChartTheme;
}

/** What all charts share; `format` writes a value in tooltips. These are drawn on the canvas: no HTML is made from names, and no inline style. */
export function chartBase(
  theme: ChartTheme,
  names: readonly string[],
  format: (value: number) => string,
): EChartsOption {
  return {
    animation: false,
    backgroundColor: 'transparent',
    textStyle: { fontFamily: theme.font, color: theme.text },
    tooltip: {
      trigger: 'axis',
      renderMode: 'richText',
      confine: true,
      valueFormatter: (value) => (typeof value === 'number' ? format(value) : NOT_KNOWN),
      backgroundColor: theme.surface,
      borderColor: theme.gridLine,
      textStyle: { color: theme.text, fontFamily: theme.font, fontSize: 12 },
    },
    legend: {
      data: [...names],
      left: 0,
      right: 0,
      bottom: 0,
      itemGap: LEGEND.gap,
      itemWidth: LEGEND.mark,
      textStyle: { color: theme.text, fontFamily: theme.font, fontSize: 12 },
    },
  };
}

/** Axis line, ticks, labels and grid lines in the theme's colours. */
export function axisLook(theme: ChartTheme) {
  return {
    axisLine: { show: true, lineStyle: { color: theme.muted } },
    axisTick: { show: false },
    axisLabel: { color: theme.muted, fontFamily: theme.font, fontSize: 11 },
    nameTextStyle: { color: theme.muted, fontFamily: theme.font, fontSize: 11 },
    splitLine: { lineStyle: { color: theme.gridLine } },
  };
}

/** One place for each round, named below the plot. */
export function roundAxis(theme: ChartTheme, rounds: readonly number[]) {
  return {
    ...axisLook(theme),
    type: 'category' as const,
    data: rounds.map(String),
    name: 'Round',
    nameLocation: 'middle' as const,
    nameGap: 26,
  };
}

const LEGEND = { gap: 28, mark: 22, letter: 7, line: 24 } as const;

/** Pixels of the legend below the plots: its names wrap over as many lines as they need at this width. */
export function legendHeight(names: readonly string[], width: number): number {
  let lines = 1;
  let used = 0;
  for (const name of names) {
    const item = LEGEND.mark + LEGEND.gap + LEGEND.letter * name.length;
    if (used > 0 && used + item > width) {
      lines += 1;
      used = 0;
    }
    used += item;
  }
  return lines * LEGEND.line + 10;
}
