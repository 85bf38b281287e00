import { resolve } from 'node:path';
import type { Census } from '@fedoxnet/shared/study/census';
import { readCatalogue } from '../../data/catalogue-file.js';
import { filmCensus } from '../../data/film-census.js';
import { censusText } from '../census-text.js';
import type { Outcome } from '../terminal.js';

export interface CensusOptions {
  readonly data: string;
  readonly classes?: readonly string[];
}

/** Counts per class and supervision, small ones withheld: what may be shown outside the site. */
export async function census(options: CensusOptions): Promise<Outcome> {
  const catalogue = await readCatalogue(resolve(options.data));
  const taken: Census = filmCensus(catalogue, options.classes);
  return { document: { source: catalogue.source, ...taken }, text: censusText(taken) };
}
