import { chartSvg } from '@fedoxnet/coordinator/dashboard/chart-svg';
import { apByClass } from '@fedoxnet/coordinator/dashboard/charts/ap-by-class';
import type { Chart, ChartFrame } from '@fedoxnet/coordinator/dashboard/charts/chart';
import { lossCurves } from '@fedoxnet/coordinator/dashboard/charts/loss-curves';
import { LIGHT_THEME } from '@fedoxnet/coordinator/dashboard/charts/theme';
import type { StudyStatus } from '@fedoxnet/shared/protocol/status';
import { escapeXml, FONT_FAMILY, rasterize } from '@fedoxnet/site-agent/reports/rasterize';

/** The dashboard's own charts as pictures: what people saw live is what they take home. */
const FRAME: ChartFrame = { width: 900, theme: LIGHT_THEME };
const MARGIN = 24;
const HEADING = 44;
/** Pixels of the picture per pixel of the chart. */
const SCALE = 2;

/** AP40 of each class by round, the mean over classes in bold. @returns a PNG file */
export function precisionPicture(status: StudyStatus): Buffer {
  return picture('Average precision on held-out films, AP40', apByClass(status, 'ap40', FRAME));
}

/** One plot per loss term, a line per hospital. @returns a PNG file */
export function lossPicture(status: StudyStatus): Buffer {
  return picture('Training losses by term', lossCurves(status, FRAME));
}

function picture(heading: string, chart: Chart): Buffer {
  const { width, theme } = FRAME;
  const [outerWidth, outerHeight] = [width + 2 * MARGIN, chart.height + 2 * MARGIN + HEADING];
  const drawn = chartSvg(chart, width, theme.surface);
  return rasterize(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${outerWidth}" height="${outerHeight}">
<rect width="100%" height="100%" fill="${theme.surface}"/>
<text x="${MARGIN}" y="${MARGIN + 20}" font-family="${FONT_FAMILY}" font-size="20" font-weight="bold" fill="${theme.text}">${escapeXml(heading)}</text>
<svg x="${MARGIN}" y="${MARGIN + HEADING}" width="${width}" height="${chart.height}">${drawn}</svg>
</svg>`,
    SCALE,
  );
}
