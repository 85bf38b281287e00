import type { FilmRecord } from '../data/film.js';
import type { BackendWish } from '../backend/select-backend.js';

/** What every command takes that runs a model on the films of a catalogue. */
export interface ModelOptions {
  /** A released model, safetensors. */
  readonly model: string;
  readonly data: string;
  readonly split: FilmRecord['split'];
  readonly backend: BackendWish;
  readonly threads?: number;
  readonly cache?: string;
}
