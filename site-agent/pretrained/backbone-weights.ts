import { FederationError } from '@fedoxnet/shared/errors';
import type { ModelPlan } from '@fedoxnet/shared/study/plan';
import type { WeightArray } from '@fedoxnet/shared/weights/weight-map';
import { backbone } from '../model/backbone.js';
import { ParameterSet } from '../model/parameters.js';
import { greyStem } from './grey-stem.js';
import { isLeftOut, normNames, publishedName } from './resnet-names.js';
import type { TensorFile } from './tensor-file.js';

/** ε of the published batch norms (torch.nn.BatchNorm2d). */
const EPSILON = 1e-5;
const STEM = 'backbone.stem.conv';
const STEM_NORM = 'backbone.stem.norm';

export interface BackboneWeights {
  /** Every tensor of our backbone, by our names. */
  readonly weights: Map<string, WeightArray>;
  /** Names in the file that a detector has no use for. */
  readonly leftOut: readonly string[];
}

/** Takes tensors of a file by name and remembers which were taken. */
class Source {
  readonly #taken = new Set<string>();
  constructor(private readonly file: TensorFile) {}

  take(name: string, expected: readonly number[]): WeightArray {
    const shape = this.file.shapes.get(name);
    if (shape === undefined) throw invalid(`${this.file.path} lacks ${name} [${expected.join(', ')}].`);
    if (shape.join() !== expected.join()) {
      throw invalid(
        `${this.file.path}: ${name} has shape [${shape.join(', ')}], expected [${expected.join(', ')}].`,
      );
    }
    this.#taken.add(name);
    return this.file.tensor(name);
  }

  get rest(): string[] {
    return [...this.file.shapes.keys()].filter((name) => !this.#taken.has(name));
  }
}

/**
 * The weights of a published ImageNet ResNet (torchvision's and timm's names) as those of our backbone with frozen
 * norms. Kernels turn from [out, in, k, k] to [k, k, in, out]; a norm γ, β, μ, σ² becomes `gain` = γ / √(σ² + ε) and
 * `offset` = β − μ · gain; for films of one channel the stem is summed over the colours (`grey-stem.ts`).
 * @throws {FederationError} `PLAN_INVALID` when the plan's backbone cannot take them; `WEIGHTS_INVALID` naming the
 *   first tensor that is missing, unknown, of another shape, not real or not finite
 */
export function backboneWeights(
  file: TensorFile,
  plan: Pick<ModelPlan, 'backbone' | 'channels' | 'norm'>,
): BackboneWeights {
  refusePlan(plan);
  const source = new Source(file);
  const parameters = new ParameterSet();
  backbone(parameters.scope('backbone'), plan);
  const weights = new Map<string, WeightArray>();
  let stemShift: Float64Array | undefined;
  for (const { name, shape } of parameters) {
    const place = name.slice(0, name.lastIndexOf('.'));
    if (name.endsWith('.kernel')) {
      const grey = place === STEM && plan.channels === 1;
      const kernel = takeKernel(source, place, grey ? [...shape.slice(0, 2), 3, shape[3]!] : shape);
      if (!grey) weights.set(name, kernel);
      else {
        const stem = greyStem(kernel);
        weights.set(name, stem.kernel);
        stemShift = stem.shift;
      }
    } else if (name.endsWith('.gain')) {
      const shift = place === STEM_NORM ? stemShift : undefined;
      const { gain, offset } = takeNorm(source, file.path, place, shape[0]!, shift);
      weights.set(name, gain);
      weights.set(`${place}.offset`, offset);
    } else if (!weights.has(name)) throw new RangeError(`${name} has no published counterpart`);
  }
  const { rest } = source;
  const unknown = rest.find((name) => !isLeftOut(name));
  if (unknown !== undefined) {
    const shape = file.shapes.get(unknown)!.join(', ');
    throw invalid(`${file.path} holds ${unknown} [${shape}], which ${plan.backbone} does not have.`);
  }
  return { weights, leftOut: rest };
}

function refusePlan({ backbone: name, norm }: Pick<ModelPlan, 'backbone' | 'norm'>): void {
  if (name === 'tiny') {
    const message = 'model.backbone is tiny, for which no weights are published; take a ResNet.';
    throw new FederationError('PLAN_INVALID', message);
  }
  if (norm !== 'frozen') {
    const message = `model.norm is ${norm}; published weights hold batch norms, which need frozen.`;
    throw new FederationError('PLAN_INVALID', message);
  }
}

/** @param shape ours, [k, k, in, out] */
function takeKernel(source: Source, place: string, shape: readonly number[]): WeightArray {
  const [height = 0, width = 0, inputs = 0, outputs = 0] = shape;
  const { values } = source.take(`${publishedName(place)}.weight`, [outputs, inputs, height, width]);
  const turned = new Float32Array(values.length);
  let i = 0;
  for (let o = 0; o < outputs; o++)
    for (let c = 0; c < inputs; c++)
      for (let cell = 0; cell < height * width; cell++)
        turned[(cell * inputs + c) * outputs + o] = values[i++]!;
  return { shape, values: turned };
}

/** @param shift what the convolution before it leaves out, added before the norm */
function takeNorm(
  source: Source,
  path: string,
  place: string,
  channels: number,
  shift: Float64Array | undefined,
): { gain: WeightArray; offset: WeightArray } {
  const names = normNames(place);
  const take = (name: string) => source.take(name, [channels]).values;
  const [gamma, beta, mean, variance] = [
    take(names.weight),
    take(names.bias),
    take(names.mean),
    take(names.variance),
  ];
  if (variance.some((value) => value < 0))
    throw invalid(`${path}: ${names.variance} holds a negative variance.`);
  const gains = Float64Array.from(gamma, (value, i) => value / Math.sqrt(variance[i]! + EPSILON));
  const offset = Float32Array.from(beta, (value, i) => value + ((shift?.[i] ?? 0) - mean[i]!) * gains[i]!);
  return {
    gain: { shape: [channels], values: Float32Array.from(gains) },
    offset: { shape: [channels], values: offset },
  };
}

function invalid(message: string): FederationError {
  return new FederationError('WEIGHTS_INVALID', message);
}
