import { chartSvg } from '@fedoxnet/coordinator/dashboard/chart-svg';
import type { Chart, ChartFrame } from '@fedoxnet/coordinator/dashboard/charts/chart';
import { LIGHT_THEME } from '@fedoxnet/shared/page/chart-theme';
import { escapeXml, FONT_FAMILY, rasterize } from '@fedoxnet/site-agent/reports/rasterize';

/** How the dashboard's charts look as pictures. */
export const FRAME: ChartFrame = { width: 900, theme: LIGHT_THEME };
const MARGIN = 24;
const HEADING = 44;
const SUBTITLE = 20;
/** Pixels of the picture per pixel of the chart. */
const SCALE = 2;

/** A chart of `FRAME`'s width under a heading. @returns a PNG file */
export function chartPicture(heading: string, chart: Chart, subtitle?: string): Buffer {
  const { width, theme } = FRAME;
  const top = MARGIN + HEADING + (subtitle === undefined ? 0 : SUBTITLE);
  const [outerWidth, outerHeight] = [width + 2 * MARGIN, chart.height + MARGIN + top];
  const line = (y: number, size: number, weight: string, text: string): string =>
    `<text x="${MARGIN}" y="${y}" font-family="${FONT_FAMILY}" font-size="${size}" font-weight="${weight}" fill="${theme.text}">${escapeXml(text)}</text>`;
  return rasterize(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}">
<rect width="100%" height="100%" fill="${theme.surface}"/>
${line(MARGIN + 20, 20, 'bold', heading)}
${subtitle === undefined ? '' : line(MARGIN + 44, 13, 'normal', subtitle)}
<svg x="${MARGIN}" y="${top}" width="${width}" height="${chart.height}">${chartSvg(chart, width, theme.surface)}</svg>
</svg>`,
    SCALE,
  );
}
