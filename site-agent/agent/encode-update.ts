import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import type { TransferPlan } from '@fedoxnet/shared/study/transfer-plan';
import { numbersFromBytes } from '@fedoxnet/shared/weights/dtype';
import { bytesFromFloats } from '@fedoxnet/shared/weights/float-bytes';
import { halvesOf, quantise } from '@fedoxnet/shared/weights/quantise';
import {
  safetensorsHeader,
  safetensorsHeaderOf,
  shapesOf,
} from '@fedoxnet/shared/weights/safetensors-header';
import {
  encodedEntries,
  encodedLayout,
  scaleCodes,
  scaleName,
  type EncodedPlace,
  type EncodingChoice,
} from '@fedoxnet/shared/weights/update-encoding';
import { writeAll } from '@fedoxnet/shared/write-all';
import { Random } from '../random.js';
import { openCarried, pendingCarried } from './carried-weights.js';
import { WeightsFile } from './weights-file.js';

export interface UpdateToEncode {
  readonly study: string;
  readonly planHash: string;
  readonly site: string;
  readonly round: number;
  readonly transfer: TransferPlan;
  /** The study's folder, where residuals lie. */
  readonly folder: string;
  /** Float32 deltas as the trainer wrote them. */
  readonly plain: string;
  /** Where the encoded update goes; it appears there when it is whole. */
  readonly encoded: string;
}

/** Bytes of a tensor as they travel, and the numbers that the coordinator will make of them. */
interface EncodedTensor {
  readonly values: Uint8Array;
  readonly scales: Float32Array | null;
  readonly decoded: Float32Array;
}

/**
 * Encodes an update as its plan says, a tensor at a time. With error feedback (Seide et al. 2014; Karimireddy et al. 2019,
 * arXiv:1901.09847) what is encoded is u = Δ + e, with e what was lost before, and u − decoded is what is owed after it:
 * over many rounds nothing is lost, only late.
 * The result depends on files and names alone, so doing it again after a crash gives the same bytes.
 * @throws {FederationError} `WEIGHTS_INVALID` when a number is not finite, or half precision cannot hold it
 */
export async function encodeUpdate(update: UpdateToEncode): Promise<void> {
  const { transfer, folder, planHash, round } = update;
  const residual = transfer.errorFeedback ? await openCarried('residual', folder, planHash, round) : null;
  try {
    const plain = await WeightsFile.open(update.plain);
    try {
      await writeBoth(update, plain, residual);
    } finally {
      await plain.close();
    }
  } finally {
    await residual?.close();
  }
}

async function writeBoth(
  update: UpdateToEncode,
  plain: WeightsFile,
  residual: WeightsFile | null,
): Promise<void> {
  const { study, site, planHash, round, transfer, folder } = update;
  const choice: EncodingChoice = { encoding: transfer.update, scales: transfer.scales };
  const shapes = shapesOf(plain.layout);
  const metadata = { kind: 'update', round: String(round) };
  const target = new Output(update.encoded, safetensorsHeaderOf(encodedEntries(shapes, choice), metadata));
  const owed = transfer.errorFeedback
    ? new Output(
        pendingCarried('residual', folder, round),
        safetensorsHeader(shapes, { kind: 'residual', plan_hash: planHash, round: String(round) }),
      )
    : null;
  const { places } = encodedLayout(shapes, choice);
  const { places: owedPlaces } = encodedLayout(shapes, { encoding: 'fp32', scales: 'tensor' });
  const random = Random.of('quantise', study, round, site);
  try {
    for (const [name, shape] of shapes) {
      const values = await plain.values(name);
      if (residual !== null) addTo(values, await residual.values(name));
      const rounding = transfer.rounding === 'stochastic' ? () => random.uniform() : 'nearest';
      const tensor = encode(name, shape, values, choice, rounding);
      await target.write(places.get(name), tensor.values);
      if (tensor.scales !== null) {
        await target.write(places.get(scaleName(name)), bytesFromFloats(tensor.scales));
      }
      subtractFrom(values, tensor.decoded);
      await owed?.write(owedPlaces.get(name), bytesFromFloats(values));
    }
    await owed?.finish();
    await target.finish();
  } catch (error) {
    await owed?.abandon();
    await target.abandon();
    throw error;
  }
}

function encode(
  name: string,
  shape: readonly number[],
  values: Float32Array,
  { encoding, scales: group }: EncodingChoice,
  rounding: 'nearest' | (() => number),
): EncodedTensor {
  switch (encoding) {
    case 'fp32':
      return { values: bytesFromFloats(values), scales: null, decoded: values };
    case 'fp16': {
      const bytes = littleEndian(halvesOf(name, values));
      return { values: bytes, scales: null, decoded: numbersFromBytes('F16', bytes) };
    }
    case 'int8': {
      const { codes, scales } = quantise(name, values, shape, group, rounding);
      const decoded = Float32Array.from(codes);
      scaleCodes(decoded, 0, scales);
      return { values: new Uint8Array(codes.buffer), scales, decoded };
    }
  }
}

function littleEndian(halves: Uint16Array): Uint8Array {
  const bytes = new Uint8Array(2 * halves.length);
  for (const [index, half] of halves.entries()) {
    bytes[2 * index] = half & 0xff;
    bytes[2 * index + 1] = half >> 8;
  }
  return bytes;
}

function addTo(values: Float32Array, more: Float32Array): void {
  for (let index = 0; index < values.length; index += 1)
    values[index] = (values[index] ?? 0) + (more[index] ?? 0);
}

function subtractFrom(values: Float32Array, less: Float32Array): void {
  for (let index = 0; index < values.length; index += 1)
    values[index] = (values[index] ?? 0) - (less[index] ?? 0);
}

/** A safetensors file that is written tensor by tensor and appears under its name when it is whole. */
class Output {
  private file: FileHandle | null = null;

  constructor(
    private readonly path: string,
    private readonly header: Uint8Array,
  ) {}

  async write(place: EncodedPlace | undefined, bytes: Uint8Array): Promise<void> {
    if (place === undefined) throw new RangeError('the layout has no place for a tensor of its own');
    const file = await this.opened();
    await writeAll(file, bytes, this.header.length + place.begin);
  }

  async finish(): Promise<void> {
    const file = await this.opened();
    await file.sync();
    await file.close();
    await rename(this.temporary, this.path);
  }

  async abandon(): Promise<void> {
    await this.file?.close().catch(() => undefined);
    await rm(this.temporary, { force: true });
  }

  private get temporary(): string {
    return `${this.path}.part`;
  }

  private async opened(): Promise<FileHandle> {
    if (this.file !== null) return this.file;
    this.file = await open(this.temporary, 'w', 0o600);
    await writeAll(this.file, this.header, 0);
    return this.file;
  }
}
