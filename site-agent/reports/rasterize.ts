import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Resvg } from '@resvg/resvg-js';

/** The one family all pictures are set in: it comes with the package, so they look alike on every machine. */
export const FONT_FAMILY = 'DejaVu Sans';

const fontFolder = join(
  dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')),
  'ttf',
);
const fontFiles = ['DejaVuSans.ttf', 'DejaVuSans-Bold.ttf'].map((name) => join(fontFolder, name));

/**
 * Draws an SVG picture with its own fonts, never those of the system.
 * @param scale pixels per SVG unit
 * @returns the bytes of a PNG file
 */
export function rasterize(svg: string, scale = 1): Buffer {
  const picture = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: FONT_FAMILY },
  });
  return picture.render().asPng();
}

/** Text between tags or in a double-quoted attribute. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
