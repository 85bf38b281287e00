import { open, type FileHandle } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { numbersFromBytes } from '@fedoxnet/shared/weights/dtype';
import {
  LENGTH_BYTES,
  MAX_HEADER_BYTES,
  parseSafetensorsHeader,
  type SafetensorsLayout,
} from '@fedoxnet/shared/weights/safetensors-header';

/** A safetensors file of which one tensor at a time is read, so that memory does not grow with the model. */
export class WeightsFile {
  private constructor(
    readonly path: string,
    private readonly file: FileHandle,
    readonly layout: SafetensorsLayout,
  ) {}

  /** @throws {FederationError} `WEIGHTS_INVALID` when it cannot be read or is none */
  static async open(path: string): Promise<WeightsFile> {
    const file = await open(path, 'r').catch((cause: unknown) => {
      throw new FederationError('WEIGHTS_INVALID', `The weights in ${path} cannot be read.`, { cause });
    });
    try {
      const length = await read(file, path, 0, LENGTH_BYTES);
      const bytes = Number(Buffer.from(length).readBigUInt64LE());
      // A header that claims more is refused by the parser.
      const head = await read(file, path, 0, LENGTH_BYTES + Math.min(bytes, MAX_HEADER_BYTES));
      return new WeightsFile(path, file, parseSafetensorsHeader(head));
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** @returns row-major; fresh memory */
  async values(name: string): Promise<Float32Array> {
    const place = this.layout.tensors.get(name);
    if (place === undefined) {
      throw new FederationError('WEIGHTS_INVALID', `There is no tensor ${name} in ${this.path}.`);
    }
    const { dtype, begin, end } = place;
    const bytes = await read(this.file, this.path, this.layout.dataStart + begin, end - begin);
    return numbersFromBytes(dtype, bytes);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function read(file: FileHandle, path: string, position: number, length: number): Promise<Uint8Array> {
  const bytes = Buffer.allocUnsafeSlow(length);
  const { bytesRead } = await file.read(bytes, 0, length, position);
  if (bytesRead < length) throw new FederationError('WEIGHTS_INVALID', `The file ${path} ends too early.`);
  return bytes;
}
