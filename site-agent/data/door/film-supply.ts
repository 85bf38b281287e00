import type { DicomRefusal } from '../dicom/dicom-refusal.js';
import type { Origin } from './film-register.js';

/** A film that its place does not give now: the next import asks for it again. */
export interface NotNow {
  readonly notNow: string;
}

/** Where films come from: a folder, an archive, a PACS. Several are asked for at once, in the order of their names. */
export interface FilmSupply {
  /** For reports: a path or an address. */
  readonly place: string;
  /** All of them, from the first on; of a search that is still going on, as they are found. */
  names(): Iterable<string> | AsyncIterable<string>;
  /** How many there are, as far as is known. */
  readonly total: number;
  /** Films that it can be asked for at once. */
  readonly atOnce: number;
  originOf(name: string): Promise<Origin>;
  /** The whole file, in memory that may be moved away; why not, for a film that cannot be read; `other` for what is no film. */
  take(name: string): Promise<Uint8Array | DicomRefusal | NotNow | 'other'>;
}
