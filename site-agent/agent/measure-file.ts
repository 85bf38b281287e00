import { open, stat } from 'node:fs/promises';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';

export interface FileMeasure {
  readonly digest: string;
  readonly bytes: number;
}

interface Remembered {
  readonly measure: FileMeasure;
  readonly version: string;
}

const PIECE_BYTES = 1024 * 1024;
const MANY = 64;

/** By path: a release is asked for several times in a round. */
const remembered = new Map<string, Remembered>();

/** SHA-256 and length of a file, read in pieces, or as remembered when nobody touched it since; null when it cannot be read. */
export async function measureFile(path: string): Promise<FileMeasure | null> {
  const version = await versionOf(path);
  if (version === null) return null;
  const known = remembered.get(path);
  if (known?.version === version) return known.measure;
  const measure = await readMeasure(path);
  if (measure !== null) remember(path, { measure, version });
  return measure;
}

/** For a file that was measured while it was written. */
export async function rememberMeasure(path: string, measure: FileMeasure): Promise<void> {
  const version = await versionOf(path);
  if (version !== null) remember(path, { measure, version });
}

function remember(path: string, entry: Remembered): void {
  if (remembered.size >= MANY) remembered.clear();
  remembered.set(path, entry);
}

/** Changes when the file is written or replaced. */
async function versionOf(path: string): Promise<string | null> {
  try {
    const { size, mtimeNs, ino } = await stat(path, { bigint: true });
    return `${ino} ${size} ${mtimeNs}`;
  } catch {
    return null;
  }
}

async function readMeasure(path: string): Promise<FileMeasure | null> {
  try {
    const file = await open(path, 'r');
    try {
      const digest = new RunningDigest();
      const piece = Buffer.allocUnsafeSlow(PIECE_BYTES);
      let bytes = 0;
      for (;;) {
        const { bytesRead } = await file.read(piece, 0, piece.length, bytes);
        if (bytesRead === 0) return { digest: digest.hex(), bytes };
        digest.update(piece.subarray(0, bytesRead));
        bytes += bytesRead;
      }
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
