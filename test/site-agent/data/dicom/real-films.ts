import { readFileSync } from 'node:fs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Context } from 'mocha';
import { parse } from 'csv-parse/sync';
import { skipBecause } from '../../../support/skip-because.js';

/** Real films beside the checkout. */
const DATA = fileURLToPath(new URL('../../../../../../shared/data/', import.meta.url));
export const REAL_DICOM = join(DATA, 'dicom');

/** A row of the folder's manifest: what an independent decoder (GDCM) found in the file. */
export interface RealFilm {
  readonly file: string;
  readonly transfer_syntax: string;
  readonly modality: string;
  readonly bits_allocated: string;
  readonly pixel_min: string;
  readonly pixel_max: string;
  readonly pixel_mean: string;
  readonly pixel_sha256: string;
}

export function requireRealFilms(context: Context): void {
  if (!existsSync(join(REAL_DICOM, 'manifest.csv')))
    skipBecause(context, `${REAL_DICOM} is not here: real DICOM films`);
}

export function realFilms(): RealFilm[] {
  return parse(readFileSync(join(REAL_DICOM, 'manifest.csv')), { columns: true });
}

export function readRealFilm(name: string): Buffer {
  return readFileSync(join(DATA, name.startsWith('dicom/') ? name : `dicom/${name}`));
}
