/** Which films are asked for. Dates are YYYYMMDD, both ends included. */
export interface FilmQuery {
  /** For example CR and DX. */
  readonly modalities: readonly string[];
  readonly from: string | null;
  readonly to: string | null;
  /** Body Part Examined; series that do not say one are taken too. */
  readonly bodyPart: string | null;
}

/** What the PACS calls a film. */
export interface FilmPlace {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

export interface FoundSeries {
  readonly series: string;
  /** Null where the PACS does not say. */
  readonly modality: string | null;
  readonly bodyPart: string | null;
}

export interface FoundInstance {
  readonly instance: string;
  readonly sopClass: string | null;
}

/** Studies of one modality and of some days. */
export interface StudyQuery {
  readonly modality: string;
  readonly from: string | null;
  readonly to: string | null;
}

/** The PACS gave up on a query because too much fits it: ask for less. */
export class TooMuchFound extends Error {
  override readonly name = 'TooMuchFound';
}

/**
 * The archive of a hospital, asked level by level, and one film at a time. Whatever it answers is checked.
 * Methods throw `FederationError`: `PACS_UNREACHABLE` when it does not answer, `PACS_REFUSED` when it does not know us or
 * does not allow this, `PACS_ANSWER_INVALID` when it breaks the standard.
 */
export interface Pacs {
  /** For messages; without credentials. */
  readonly place: string;
  /** Requests that it is asked at once. */
  readonly connections: number;
  /** Asks whether it is there and knows us. @returns what it says of itself */
  echo(signal: AbortSignal): Promise<string>;
  /** UIDs of studies; perhaps more than fit the query. @throws {TooMuchFound} */
  studies(query: StudyQuery, signal: AbortSignal): Promise<string[]>;
  series(study: string, signal: AbortSignal): Promise<FoundSeries[]>;
  instances(study: string, series: string, signal: AbortSignal): Promise<FoundInstance[]>;
  /** @returns a whole DICOM file, as it lies in the PACS. @throws {FilmNotGiven} */
  fetch(film: FilmPlace, signal: AbortSignal): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Objects that may be a chest film; the door looks at each more closely. */
export const FILM_CLASSES: readonly string[] = [
  '1.2.840.10008.5.1.4.1.1.1', // Computed Radiography
  '1.2.840.10008.5.1.4.1.1.1.1', // Digital X-Ray, for presentation
  '1.2.840.10008.5.1.4.1.1.7', // Secondary Capture: scanned films
];

/** A larger object is no film. */
export const MAX_FILM_BYTES = 256 * 1024 * 1024;

/** PS3.5, 9.1. What is none is not asked for. */
export function isUid(text: string | null): text is string {
  return text !== null && /^[0-9]+(\.[0-9]+)*$/.test(text) && text.length <= 64;
}
