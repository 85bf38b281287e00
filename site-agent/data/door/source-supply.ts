import { stat } from 'node:fs/promises';
import { isDicom } from '../dicom/data-set.js';
import { DicomRefusal } from '../dicom/dicom-refusal.js';
import type { FilmSource } from '../importers/film-source.js';
import type { Origin } from './film-register.js';
import type { FilmSupply } from './film-supply.js';

/** A larger file is no single film. */
const MAX_FILE_BYTES = 256 * 1024 * 1024;
/** Enough to see whether it is DICOM. */
const HEAD_BYTES = 256;
/** Endings of files that lie beside films and are none. */
const OTHER_FILES = /\.(csv|tsv|json|txt|xml|html?|pdf|gz|zip|png|jpe?g|gif|exe|ini|inf)$/i;

/** The DICOM files of a folder or an archive. */
export class SourceSupply implements FilmSupply {
  readonly place: string;
  readonly atOnce = 1;
  private readonly files: readonly string[];

  constructor(private readonly source: FilmSource) {
    this.place = source.path;
    this.files = source.names.filter((name) => !OTHER_FILES.test(name) && !/(^|\/)DICOMDIR$/i.test(name));
  }

  names(): readonly string[] {
    return this.files;
  }

  get total(): number {
    return this.files.length;
  }

  /** The stamp changes with the file; of an archive, with the archive. */
  async originOf(name: string): Promise<Origin> {
    const path = this.source.pathOf(name);
    const found = await stat(path ?? this.source.path).catch(() => null);
    const stamp = `${found?.size ?? 0} ${found?.mtimeMs ?? 0}`;
    return { origin: path ?? `${this.source.path}#${name}`, stamp };
  }

  async take(name: string): Promise<Uint8Array | DicomRefusal | 'other'> {
    const head = await this.source.head(name, HEAD_BYTES);
    if (!isDicom(head) && !/\.(dcm|dicom)$/i.test(name)) return 'other';
    return readWhole(this.source, name);
  }
}

/** @returns why not, for a film that cannot be read or is too large */
async function readWhole(source: FilmSource, name: string): Promise<Uint8Array | DicomRefusal> {
  const parts: Buffer[] = [];
  let length = 0;
  try {
    for await (const part of source.open(name) as AsyncIterable<Buffer>) {
      length += part.length;
      if (length > MAX_FILE_BYTES) return new DicomRefusal('The file is larger than 256 MB.');
      parts.push(part);
    }
  } catch (cause) {
    return new DicomRefusal('The file cannot be read.', { cause });
  }
  const whole = new Uint8Array(length); // of its own, so that it can be moved to a thread
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
