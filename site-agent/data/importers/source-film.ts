import type { FilmRecord } from '../film.js';
import type { KnownLabels } from '../label-map.js';
import type { FilmSource } from './film-source.js';
import type { ImportReport, Place } from './import-report.js';

/** Pixels, origin top left, x to the right, y down; of the film's file or of the grid that the import declares. */
export interface MarkedBox {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/**
 * What a source says of a film under one of its names. `disputed`: readers disagree; `crowd`: a region of several lesions,
 * boxed as one.
 */
export interface Mark {
  readonly label: string;
  readonly says: 'present' | 'absent' | 'uncertain' | 'disputed' | 'crowd' | MarkedBox;
  readonly at: Place;
}

/** One film as its source describes it. */
export interface SourceFilm {
  /** What the source calls it, unique there. */
  readonly key: string;
  /** Path or name of its file, as the source writes it; the likeliest first where it may have several. */
  readonly files: readonly string[];
  /** Films of one patient share it. */
  readonly patient: string;
  readonly at: Place;
  /** How it was read: for boxes, for labels, or not at all. */
  readonly read: 'box' | 'image' | 'none';
  readonly marks: readonly Mark[];
  readonly view?: FilmRecord['view'];
  readonly sex?: FilmRecord['sex'];
  readonly ageBand?: FilmRecord['ageBand'];
  /** What the publisher's own split says, where it has one. */
  readonly split?: FilmRecord['split'] | undefined;
}

/** Where an importer reads, and where it says what it could not use. */
export interface ImportInput {
  readonly source: FilmSource;
  readonly report: ImportReport;
}

/** Reads one published or plain format. Rows it cannot use are refused in the report and never stop it. */
export interface Importer {
  readonly format: string;
  /** The names of its labels; null where only the files tell them. */
  readonly labels: KnownLabels | null;
  /** @throws {FederationError} `DATA_MISSING`, `DATA_INVALID` for a table that is missing or not one */
  films(input: ImportInput): AsyncIterable<SourceFilm>;
}
