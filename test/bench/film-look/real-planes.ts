import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'csv-parse/sync';
import sharp from 'sharp';
import { FederationError } from '@fedoxnet/shared/errors';
import type { GreyPlane } from '@fedoxnet/site-agent/data/grey-plane';

/** Real films beside the checkout. */
const REAL = fileURLToPath(new URL('../../../../../shared/data/', import.meta.url));

export interface RealFilm {
  readonly file: string;
  readonly set: string;
  readonly suggested_split: string;
}

/** All upright frontal chest films of the folder, as its manifest lists them; figures from papers are left out. */
export function realFilms(): RealFilm[] {
  const path = join(REAL, 'manifest.csv');
  if (!existsSync(path)) throw new FederationError('DATA_MISSING', `${path} does not exist.`);
  const rows = parse(readFileSync(path), { columns: true }) as unknown as RealFilm[];
  return rows.filter((film) => film.set !== 'covid');
}

export async function readPlane({ file }: RealFilm): Promise<GreyPlane> {
  const { data, info } = await sharp(join(REAL, file))
    .toColourspace('b-w')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: new Uint8Array(data) };
}
