import sharp from 'sharp';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';
import { rasterize } from '@fedoxnet/site-agent/reports/rasterize';

const NAMES = ['MUSTER^ANNA', 'Doe Jane', 'TESTCASE FRIDA', 'O Brien, Sean', 'Garcia Lopez M'];

/** Prints an invented name, birth date and number on a film, white with letters of `height` pixels. */
export async function printName(plane: GreyPlane, height: number, draw: () => number): Promise<GreyPlane> {
  const name = NAMES[Math.floor(draw() * NAMES.length)] as string;
  const text = `${name} ${1930 + Math.floor(draw() * 70)}-0${1 + Math.floor(draw() * 9)}-12 ${Math.floor(draw() * 1e8)}`;
  const { width, height: rows, pixels } = plane;
  const x = Math.floor(draw() * 0.2 * width);
  const y = Math.floor((0.05 + 0.9 * draw()) * rows);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${rows}">
    <text x="${x}" y="${y}" font-size="${height / 0.73}" fill="white">${text}</text></svg>`;
  const { data } = await sharp(Buffer.from(pixels), { raw: { width, height: rows, channels: 1 } })
    .composite([{ input: rasterize(svg) }])
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width, height: rows, pixels: new Uint8Array(data) };
}
