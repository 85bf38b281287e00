import { writeCatalogue } from '@fedoxnet/site-agent/data/catalogue-file';
import { filmRecord } from './film-record.js';

/** Writes the catalogue of one film, `a.png`, into a data folder that lacks the picture. */
export function writeOneFilmCatalogue(data: string): Promise<void> {
  return writeCatalogue(data, { version: 1, source: 'test', classes: [], films: [filmRecord('a')] });
}
