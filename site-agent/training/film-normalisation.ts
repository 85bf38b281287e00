/** x = (grey − mean) / deviation per channel, grey from 0 to 1. */
export interface FilmNormalisation {
  readonly mean: readonly number[];
  readonly deviation: readonly number[];
}

/**
 * What the network's input channels are (oxnet.md §1.3). Three: ImageNet's colours, which pretrained backbones expect,
 * with the grey value repeated. One: the mean of the three.
 */
export const FILM_NORMALISATION: Readonly<Record<1 | 3, FilmNormalisation>> = {
  1: { mean: [0.449], deviation: [0.226] },
  3: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
};
