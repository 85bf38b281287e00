import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';

/** Real films beside the checkout. */
const REAL = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));
/** Side of the largest films of a flat-panel detector. */
const LARGE = 2880;
const LARGE_FILMS = 6;

/** Paths of film files by kind. */
export interface BenchFilms {
  readonly real: boolean;
  readonly png: readonly string[];
  readonly jpeg: readonly string[];
  /** JPEG of 2880 × 2880 pixels, enlarged from the others: what decoding at a fraction of the size is for. */
  readonly largeJpeg: readonly string[];
}

/** Real films where they are, else phantoms drawn into `scratch`; at most `count` of each kind. */
export async function benchFilms(scratch: string, count: number): Promise<BenchFilms> {
  const files = async (folder: string, end: string): Promise<string[]> => {
    const names = await readdir(folder).catch(() => []);
    return names
      .filter((name) => name.endsWith(end))
      .sort()
      .slice(0, count)
      .map((name) => join(folder, name));
  };
  const realPng = await files(join(REAL, 'native-nih', 'images'), '.png');
  const realJpeg = await files(join(REAL, 'cxr', 'nih'), '.jpg');
  const real = realPng.length > 0 && realJpeg.length > 0;
  const png = real ? realPng : await phantoms(scratch, Math.min(count, 24));
  return {
    real,
    png,
    jpeg: real ? realJpeg : await reencoded(png, join(scratch, 'jpeg'), 1024),
    largeJpeg: await reencoded(png.slice(0, LARGE_FILMS), join(scratch, 'large'), LARGE),
  };
}

async function phantoms(scratch: string, films: number): Promise<string[]> {
  const out = join(scratch, 'phantoms');
  await generatePhantoms({
    out,
    films,
    seed: 'decode',
    size: 1024,
    supervision: {},
    scanner: 'digital',
    valFraction: 0,
  });
  const folder = join(out, 'films');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
}

async function reencoded(films: readonly string[], folder: string, side: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  return Promise.all(
    films.map(async (film, index) => {
      const path = join(folder, `${index}.jpg`);
      await sharp(film).resize(side, side, { fit: 'fill' }).jpeg({ quality: 90 }).toFile(path);
      return path;
    }),
  );
}
