import { open, readFile } from 'node:fs/promises';
import type { GreyPlane } from '../grey-plane.js';
import { isDicom } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';
import { FilmWorkers } from './film-workers.js';

const HEAD_BYTES = 256;
/** A larger file is no single film. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;

let workers: FilmWorkers | null = null;

/**
 * The film in a DICOM file as it is meant to be seen, decoded in a thread of its own.
 * @param source path of a file, or its bytes
 * @returns null when it is no DICOM file
 * @throws {DicomRefusal} when it is one and cannot be decoded
 */
export async function readDicomPlane(source: string | Uint8Array): Promise<GreyPlane | null> {
  const head = typeof source === 'string' ? await readHead(source) : source;
  if (!isDicom(head)) return null;
  const bytes = typeof source === 'string' ? await readFile(source) : new Uint8Array(source);
  if (bytes.length > MAX_FILE_BYTES) throw new DicomRefusal('A DICOM file of more than 256 MB is no film.');
  workers ??= new FilmWorkers();
  return workers.render(bytes);
}

async function readHead(path: string): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
