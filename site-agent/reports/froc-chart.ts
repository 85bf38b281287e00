import type { Froc, OperatingPoint } from '../evaluation/froc.js';
import { classColour } from './class-colours.js';
import { escapeXml, FONT_FAMILY, rasterize } from './rasterize.js';

export interface FrocChartOptions {
  readonly title: string;
  /** One line under the title: which model, which films. */
  readonly subtitle: string;
  /** In the order of the study, so that a class has one colour in all pictures. */
  readonly perClass: readonly (Froc & { readonly class: string })[];
  readonly pooled: Froc;
}

const WIDTH = 1040;
const PLOT = { left: 76, top: 96, width: 640, height: 430 } as const;
const HEIGHT = PLOT.top + PLOT.height + 70;
const LEGEND_X = PLOT.left + PLOT.width + 28;
const LEGEND_ROW = 24;
/** False positives per film at the ends of the axis, which is logarithmic. */
const RATES = [1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8];
const RATE_NAMES = ['1/8', '1/4', '1/2', '1', '2', '4', '8'];
const [LOWEST, HIGHEST] = [1 / 8, 8];
const GREY = '#9aa7b4';

/** Sensitivity against false positives per film, a line for each class that has lesions and a thick one for all. @returns a PNG file */
export function frocChart({ title, subtitle, perClass, pooled }: FrocChartOptions): Buffer {
  const curves = [
    ...perClass.flatMap((froc, index) =>
      froc.truths === 0
        ? []
        : [{ name: froc.class, froc, colour: classColour(index), width: 2, opacity: 0.9 }],
    ),
    { name: 'all classes', froc: pooled, colour: '#f0f4f8', width: 3.2, opacity: 1 },
  ];
  const height = Math.max(HEIGHT, PLOT.top + 30 + curves.length * LEGEND_ROW + 24);
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" font-family="${FONT_FAMILY}">` +
    `<rect width="100%" height="100%" fill="#0d1117"/>` +
    `<text x="${PLOT.left}" y="42" font-size="22" font-weight="bold" fill="#f0f4f8">${escapeXml(title)}</text>` +
    `<text x="${PLOT.left}" y="66" font-size="13" fill="${GREY}">${escapeXml(subtitle)}</text>` +
    axes() +
    curves
      .map(
        ({ froc, colour, width, opacity }) =>
          `<path d="${steps(froc.points)}" fill="none" stroke="${colour}" stroke-width="${width}" stroke-opacity="${opacity}" stroke-linejoin="round"/>`,
      )
      .join('') +
    legend(curves) +
    '</svg>';
  return rasterize(svg, 2);
}

function axes(): string {
  const { left, top, width, height } = PLOT;
  const across = [0, 0.2, 0.4, 0.6, 0.8, 1].map((sensitivity) => {
    const y = yOf(sensitivity);
    return (
      `<line x1="${left}" x2="${left + width}" y1="${y}" y2="${y}" stroke="#2a313a"/>` +
      `<text x="${left - 10}" y="${y + 4}" font-size="12.5" fill="${GREY}" text-anchor="end">${sensitivity.toFixed(1)}</text>`
    );
  });
  const up = RATES.map((rate, i) => {
    const x = xOf(rate);
    return (
      `<line x1="${x}" x2="${x}" y1="${top}" y2="${top + height}" stroke="#2a313a"/>` +
      `<text x="${x}" y="${top + height + 22}" font-size="12.5" fill="${GREY}" text-anchor="middle">${RATE_NAMES[i]}</text>`
    );
  });
  const middle = top + height / 2;
  return (
    [...across, ...up].join('') +
    `<text x="${left + width / 2}" y="${top + height + 48}" font-size="13.5" fill="#c9d4df" text-anchor="middle">false positives per film</text>` +
    `<text x="26" y="${middle}" font-size="13.5" fill="#c9d4df" text-anchor="middle" transform="rotate(-90 26 ${middle})">sensitivity</text>`
  );
}

/** Names, colours and the mean over the seven rates, which is what the curves are compared by. */
function legend(
  curves: readonly { readonly name: string; readonly froc: Froc; readonly colour: string }[],
): string {
  const right = WIDTH - 28;
  const head = `<text x="${right}" y="${PLOT.top + 8}" font-size="12" fill="${GREY}" text-anchor="end">mean</text>`;
  const rows = curves.map(({ name, froc, colour }, row) => {
    const y = PLOT.top + 34 + row * LEGEND_ROW;
    return (
      `<rect x="${LEGEND_X}" y="${y - 7}" width="22" height="4" rx="2" fill="${colour}"/>` +
      `<text x="${LEGEND_X + 31}" y="${y}" font-size="13" fill="#c9d4df">${escapeXml(name.length > 22 ? `${name.slice(0, 21)}…` : name)}</text>` +
      `<text x="${right}" y="${y}" font-size="13" fill="#c9d4df" text-anchor="end">${froc.mean?.toFixed(3) ?? '–'}</text>`
    );
  });
  return head + rows.join('');
}

/** A staircase: between two thresholds nothing changes. Begins and ends at the borders of the plot. */
function steps(points: readonly OperatingPoint[]): string {
  const before = points.findLast((point) => point.falsePositivesPerFilm <= LOWEST);
  let path = `M${xOf(LOWEST)} ${yOf(before?.sensitivity ?? 0)}`;
  for (const { falsePositivesPerFilm: rate, sensitivity } of points) {
    if (rate <= LOWEST || rate > HIGHEST) continue;
    path += `H${xOf(rate).toFixed(1)}V${yOf(sensitivity).toFixed(1)}`;
  }
  return `${path}H${xOf(HIGHEST)}`;
}

function xOf(rate: number): number {
  const part = Math.log(rate / LOWEST) / Math.log(HIGHEST / LOWEST);
  return PLOT.left + part * PLOT.width;
}

function yOf(sensitivity: number): number {
  return PLOT.top + (1 - sensitivity) * PLOT.height;
}
