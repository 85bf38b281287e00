import * as echarts from 'echarts/core';
import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import { FONT_FAMILY, rasterize } from './rasterize.js';

echarts.use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

export interface ChartSeries {
  readonly name: string;
  readonly colour: string;
  /** [x, y]; a null y breaks the line. */
  readonly points: readonly (readonly [number, number | null])[];
  /** Drawn thicker and above the others. */
  readonly bold?: boolean;
}

export interface LineChartOptions {
  readonly title: string;
  readonly subtitle: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly series: readonly ChartSeries[];
  /** Values on the y axis are powers of ten; zeros and negatives are left out. */
  readonly logarithmic?: boolean;
  readonly yMin?: number;
  readonly yMax?: number;
  /** Ticks of the x axis are whole numbers: rounds. */
  readonly wholeX?: boolean;
  /** Marks at the points, for series of few. */
  readonly marks?: boolean;
}

const WIDTH = 960;
const HEIGHT = 540;

/** Draws series as lines on white paper, twice as fine as its 960 × 540 units. @returns the bytes of a PNG file */
export function lineChartPng(options: LineChartOptions): Buffer {
  return rasterize(lineChartSvg(options), 2);
}

export function lineChartSvg(options: LineChartOptions): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height: HEIGHT });
  try {
    chart.setOption(chartOption(options));
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function chartOption(options: LineChartOptions): echarts.EChartsCoreOption {
  const { title, subtitle, xLabel, yLabel, series, logarithmic = false, yMin, yMax, wholeX, marks } = options;
  const axis = {
    nameLocation: 'middle',
    nameTextStyle: { color: '#4b5866', fontSize: 13 },
    axisLabel: { color: '#4b5866', fontSize: 12 },
    axisLine: { show: true, lineStyle: { color: '#aab4be' } },
    splitLine: { lineStyle: { color: '#e8ecf0' } },
  };
  const xs = series.flatMap(({ points }) => points.map(([x]) => x));
  return {
    animation: false,
    backgroundColor: '#ffffff',
    textStyle: { fontFamily: FONT_FAMILY },
    title: {
      text: title,
      subtext: subtitle,
      left: 24,
      top: 16,
      textStyle: { fontSize: 20, color: '#17202a' },
      subtextStyle: { fontSize: 13, color: '#5b6874' },
    },
    legend: {
      type: 'plain',
      orient: 'vertical',
      right: 20,
      top: 92,
      itemWidth: 22,
      textStyle: { fontSize: 13, color: '#17202a' },
    },
    grid: { left: 78, right: 208, top: 92, bottom: 62 },
    xAxis: {
      ...axis,
      type: 'value',
      name: xLabel,
      nameGap: 34,
      splitLine: { show: false },
      min: xs.length > 0 ? Math.min(...xs) : 0,
      max: xs.length > 0 ? Math.max(...xs) : 1,
      ...(wholeX === true && { minInterval: 1 }),
    },
    yAxis: {
      ...axis,
      type: logarithmic ? 'log' : 'value',
      name: yLabel,
      nameGap: 54,
      ...(yMin !== undefined && { min: yMin }),
      ...(yMax !== undefined && { max: yMax }),
    },
    series: series.map(({ name, colour, points, bold }) => ({
      type: 'line',
      name,
      data: points.map(([x, y]) => [x, logarithmic && y !== null && y <= 0 ? null : y]),
      color: colour,
      showSymbol: marks === true,
      symbolSize: bold === true ? 7 : 5,
      symbol: 'circle',
      lineStyle: { width: bold === true ? 3.5 : 1.8 },
      z: bold === true ? 3 : 2,
    })),
  };
}
