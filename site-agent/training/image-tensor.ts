import * as tf from '@tensorflow/tfjs-core';
import { FILM_NORMALISATION } from './film-normalisation.js';

/**
 * Films as the network takes them: x = (grey / 255 − mean) / deviation, the grey value repeated when it wants three channels.
 * @param films B arrays of [S · S] grey 0 … 255
 * @returns [B, S, S, C]. The caller disposes it.
 */
export function imageTensor(films: readonly Uint8Array[], size: number, channels: 1 | 3): tf.Tensor4D {
  const { mean, deviation } = FILM_NORMALISATION[channels];
  const [first, second = first, third = first] = mean.map((middle, channel) =>
    Float32Array.from({ length: 256 }, (_, grey) => (grey / 255 - middle) / deviation[channel]!),
  ) as [Float32Array, Float32Array?, Float32Array?];
  const values = new Float32Array(films.length * size * size * channels);
  let i = 0;
  // Two plain loops: one for any number of channels takes twice the time.
  for (const film of films) {
    if (channels === 1) for (let pixel = 0; pixel < film.length; pixel++) values[i++] = first[film[pixel]!]!;
    else
      for (let pixel = 0; pixel < film.length; pixel++) {
        const grey = film[pixel]!;
        values[i++] = first[grey]!;
        values[i++] = second[grey]!;
        values[i++] = third[grey]!;
      }
  }
  return tf.tensor4d(values, [films.length, size, size, channels]);
}
