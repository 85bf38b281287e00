import * as tf from '@tensorflow/tfjs-core';

/** Mean and deviation of ImageNet by colour (oxnet.md §1.3): what pretrained backbones expect. */
const COLOUR_MEAN = [0.485, 0.456, 0.406] as const;
const COLOUR_DEVIATION = [0.229, 0.224, 0.225] as const;
/** One grey channel takes the mean of the three. */
const GREY_MEAN = [0.449] as const;
const GREY_DEVIATION = [0.226] as const;

/**
 * Films as the network takes them: x = (grey / 255 − mean) / deviation, the grey value repeated when it wants three channels.
 * @param films B arrays of [S · S] grey 0 … 255
 * @returns [B, S, S, C]. The caller disposes it.
 */
export function imageTensor(films: readonly Uint8Array[], size: number, channels: 1 | 3): tf.Tensor4D {
  const means = channels === 1 ? GREY_MEAN : COLOUR_MEAN;
  const deviations = channels === 1 ? GREY_DEVIATION : COLOUR_DEVIATION;
  const values = new Float32Array(films.length * size * size * channels);
  for (let channel = 0; channel < channels; channel++) {
    const table = Float32Array.from(
      { length: 256 },
      (_, v) => (v / 255 - means[channel]!) / deviations[channel]!,
    );
    let i = channel;
    for (const film of films) {
      for (let pixel = 0; pixel < film.length; pixel++, i += channels) values[i] = table[film[pixel]!]!;
    }
  }
  return tf.tensor4d(values, [films.length, size, size, channels]);
}
