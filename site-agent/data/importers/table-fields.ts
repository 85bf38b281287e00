import { z } from 'zod';
import { AGE_BANDS, type AgeBand } from '@fedoxnet/shared/study/census';
import type { FilmRecord } from '../film.js';

/** What stands in the cells of label tables. A number is never made of an empty cell. */
const DECIMAL = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;

export const named = z.string('is missing').min(1, 'is empty');
export const decimal = z.string('is missing').regex(DECIMAL, 'is not a number').transform(Number);
export const decimalOrEmpty = z
  .string()
  .refine((text) => text === '' || DECIMAL.test(text), 'is not a number')
  .transform((text) => (text === '' ? null : Number(text)))
  .default(null);
export const binary = z
  .enum(['0', '1', '0.0', '1.0'], 'is not 0 or 1')
  .transform((text) => (Number(text) === 1 ? 1 : 0));

/** `058Y`, `58` or `58.0` years; ages no person reaches, as some published rows have, are not known. */
export function ageBand(text: string | undefined): AgeBand | undefined {
  const match = /^0*(\d{1,3})(?:\.\d+)?Y?$/i.exec(text ?? '');
  const years = Number(match?.[1] ?? NaN);
  if (!(years <= 120)) return undefined;
  return AGE_BANDS[[18, 40, 60, 80].filter((bound) => years >= bound).length];
}

export function sex(text: string | undefined): FilmRecord['sex'] {
  const letter = text?.charAt(0).toUpperCase();
  return letter === 'F' || letter === 'M' || letter === 'O' ? letter : undefined;
}

/** Undefined where the projection is not PA or AP, or not said. */
export function frontalView(text: string | undefined): FilmRecord['view'] {
  const code = text?.toUpperCase();
  return code === 'PA' || code === 'AP' ? code : undefined;
}
