import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';
import type { TensorFile } from '@fedoxnet/site-agent/pretrained/tensor-file';

/** Names and shapes as PyTorch has them. */
export type PublishedShapes = Readonly<Record<string, readonly number[]>>;

/** The numbers of `uniform` in test/vectors/resnet_peer.py: a hash of name and index, in [low, high). */
export function hashedNumbers(name: string, count: number, low: number, high: number): Float32Array {
  let seed = 0x811c9dc5;
  for (const byte of Buffer.from(name)) seed = Math.imul(seed ^ byte, 0x01000193);
  return Float32Array.from({ length: count }, (_, i) => {
    let h = (Math.imul(i, 2654435761) + seed) | 0;
    h = Math.imul(h ^ (h >>> 15), 2246822519);
    h ^= h >>> 13;
    return low + (high - low) * ((h >>> 8) / 2 ** 24);
  });
}

/** `by_formula` in test/vectors/resnet_peer.py. @param lastNorm how the γ of a branch's last norm ends */
function numbersByFormula(name: string, shape: readonly number[], lastNorm: string): Float32Array {
  const count = shape.reduce((product, side) => product * side, 1);
  if (name.endsWith('running_var')) return hashedNumbers(name, count, 0.5, 1.5);
  if (name.endsWith('running_mean') || name.endsWith('bias')) return hashedNumbers(name, count, -0.2, 0.2);
  if (shape.length === 1)
    return name.endsWith(lastNorm)
      ? hashedNumbers(name, count, 0.1, 0.3)
      : hashedNumbers(name, count, 0.5, 1.5);
  const bound = Math.sqrt(6 / (count / shape[0]!));
  return hashedNumbers(name, count, -bound, bound);
}

/** The published network of the formula, as if it lay in a file. */
export function formulaResnet(backbone: string, shapes: PublishedShapes): TensorFile {
  const lastNorm = backbone === 'resnet18' || backbone === 'resnet34' ? 'bn2.weight' : 'bn3.weight';
  return {
    path: `${backbone}.safetensors`,
    digest: '0'.repeat(64),
    shapes: new Map(Object.entries(shapes)),
    tensor: (name): WeightArray => ({
      shape: shapes[name]!,
      values: numbersByFormula(name, shapes[name]!, lastNorm),
    }),
  };
}
