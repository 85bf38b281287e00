import { createReadStream } from 'node:fs';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';

export interface FileMeasure {
  readonly digest: string;
  readonly bytes: number;
}

/** SHA-256 and length of a file, read in pieces; null when it cannot be read. */
export async function measureFile(path: string): Promise<FileMeasure | null> {
  const digest = new RunningDigest();
  let bytes = 0;
  try {
    for await (const piece of createReadStream(path) as AsyncIterable<Buffer>) {
      digest.update(piece);
      bytes += piece.byteLength;
    }
  } catch {
    return null;
  }
  return { digest: digest.hex(), bytes };
}
