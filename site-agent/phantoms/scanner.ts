import type { Random } from '../random.js';

/** How one hospital's X-ray unit turns attenuation into grey values. */
export interface Scanner {
  readonly name: string;
  /** Attenuation shown as mid grey; lower means a brighter film. */
  readonly exposure: number;
  /** Steepness of the characteristic curve at mid grey. */
  readonly contrast: number;
  /** Applied to the grey value, 1 = none. */
  readonly gamma: number;
  /** Standard deviation of the noise at mid grey, as a fraction of full scale. */
  readonly noise: number;
  /** Standard deviation of the blur, as a fraction of the film's side. */
  readonly blur: number;
  /** How much darker the corners are, 0 … 1. */
  readonly vignetting: number;
  /** Width of the collimator's black border as a fraction of the side; 0 for none. */
  readonly border: number;
  /** Lead letter on the film, with the patient's side it marks. */
  readonly marker: 'L' | 'R' | null;
}

/** Four units that differ as hospitals do: a crisp digital one, a soft portable, an old hard film, a pale plate. */
export const SCANNERS = {
  digital: {
    name: 'digital',
    exposure: 0.58,
    contrast: 1.35,
    gamma: 1,
    noise: 0.012,
    blur: 0.0012,
    vignetting: 0.04,
    border: 0,
    marker: 'L',
  },
  portable: {
    name: 'portable',
    exposure: 0.52,
    contrast: 1.05,
    gamma: 0.9,
    noise: 0.028,
    blur: 0.0034,
    vignetting: 0.16,
    border: 0,
    marker: 'R',
  },
  film: {
    name: 'film',
    exposure: 0.6,
    contrast: 1.55,
    gamma: 1.15,
    noise: 0.02,
    blur: 0.002,
    vignetting: 0.1,
    border: 0.022,
    marker: 'L',
  },
  plate: {
    name: 'plate',
    exposure: 0.5,
    contrast: 0.9,
    gamma: 1.05,
    noise: 0.022,
    blur: 0.0024,
    vignetting: 0.08,
    border: 0.012,
    marker: 'R',
  },
} as const satisfies Record<string, Scanner>;

export type ScannerName = keyof typeof SCANNERS;

/** No two exposures on one unit are the same: a small change of the unit's settings for one film. */
export function forOneFilm(scanner: Scanner, random: Random): Scanner {
  return {
    ...scanner,
    exposure: scanner.exposure + random.normal(0, 0.025),
    contrast: scanner.contrast * random.between(0.92, 1.08),
    noise: scanner.noise * random.between(0.8, 1.25),
    blur: scanner.blur * random.between(0.8, 1.3),
    marker: random.chance(0.8) ? scanner.marker : null,
  };
}
