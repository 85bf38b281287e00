import { init } from 'echarts';
import type { Chart } from './charts/chart.js';

/** Draws a chart without a browser, as an SVG document `width` pixels wide on an opaque ground. */
export function chartSvg(chart: Chart, width: number, background: string): string {
  const instance = init(null, null, { renderer: 'svg', ssr: true, width, height: chart.height });
  try {
    instance.setOption({ ...chart.option, backgroundColor: background });
    return instance.renderToSVGString();
  } finally {
    instance.dispose();
  }
}
