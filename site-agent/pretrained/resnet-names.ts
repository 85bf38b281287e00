/**
 * The names of a ResNet's tensors as torchvision and timm write them, for ours. `layer2.0.downsample.1` is the norm of
 * a shortcut although nothing in it says "bn": names are mapped by place, not by pattern.
 */
export interface NormNames {
  /** γ, β, μ, σ²; each [C]. */
  readonly weight: string;
  readonly bias: string;
  readonly mean: string;
  readonly variance: string;
}

const PARTS: Readonly<Record<string, string>> = {
  conv: 'conv1',
  norm: 'bn1',
  conv1: 'conv1',
  conv2: 'conv2',
  conv3: 'conv3',
  norm1: 'bn1',
  norm2: 'bn2',
  norm3: 'bn3',
  shortcut: 'downsample.0',
  shortcutNorm: 'downsample.1',
};

/**
 * The published name of one of our convolutions or norms.
 * @param place `backbone.stem.conv`, `backbone.stage3.block1.shortcutNorm`, …: a tensor's name without its last part
 */
export function publishedName(place: string): string {
  const [, stage = '', ...rest] = place.split('.');
  const part = PARTS[rest.at(-1) ?? ''];
  if (part === undefined) throw new RangeError(`${place} has no published name`);
  if (stage === 'stem') return part;
  const block = Number(rest[0]?.slice('block'.length));
  return `${stage.replace('stage', 'layer')}.${block - 1}.${part}`;
}

export function normNames(place: string): NormNames {
  const name = publishedName(place);
  return {
    weight: `${name}.weight`,
    bias: `${name}.bias`,
    mean: `${name}.running_mean`,
    variance: `${name}.running_var`,
  };
}

/** Tensors of a published file that a detector has no use for: the ImageNet classifier and a counter of training steps. */
export function isLeftOut(name: string): boolean {
  return name === 'fc.weight' || name === 'fc.bias' || name.endsWith('.num_batches_tracked');
}
