import * as tf from '@tensorflow/tfjs-core';
import { FILM_NORMALISATION } from './film-normalisation.js';

/**
 * Films as the network takes them: x = (grey / 255 − mean) / deviation, the grey value repeated when it wants three channels.
 * @param films B arrays of [S · S] grey 0 … 255
 * @returns [B, S, S, C]. The caller disposes it.
 */
export function imageTensor(films: readonly Uint8Array[], size: number, channels: 1 | 3): tf.Tensor4D {
  const { mean, deviation } = FILM_NORMALISATION[channels];
  const values = new Float32Array(films.length * size * size * channels);
  for (let channel = 0; channel < channels; channel++) {
    const table = Float32Array.from(
      { length: 256 },
      (_, v) => (v / 255 - mean[channel]!) / deviation[channel]!,
    );
    let i = channel;
    for (const film of films) {
      for (let pixel = 0; pixel < film.length; pixel++, i += channels) values[i] = table[film[pixel]!]!;
    }
  }
  return tf.tensor4d(values, [films.length, size, size, channels]);
}
