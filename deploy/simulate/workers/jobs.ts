import type { FederationError } from '@fedoxnet/shared/errors';
import type { Supervision } from '@fedoxnet/site-agent/data/film';
import type { Scanner } from '@fedoxnet/site-agent/phantoms/scanner';
import type { TrainerCommand, TrainerEvent } from '@fedoxnet/site-agent/trainer/ipc';

/**
 * What the simulator and its worker processes say to each other. Both ends are the same program, so what crosses is not
 * parsed again; what a trainer is told still is, by its own command.
 */
type Command<K extends TrainerCommand['kind']> = Extract<TrainerCommand, { kind: K }>;
type Event<K extends TrainerEvent['kind']> = Extract<TrainerEvent, { kind: K }>;

/** Phantoms of one hospital and one split. */
export interface Drawing {
  readonly films: number;
  readonly split: 'train' | 'val';
  readonly seed: string;
  /** Begins the films' ids. */
  readonly prefix: string;
  readonly size: number;
  /** Findings that occur. */
  readonly classes: readonly string[];
  readonly prevalence: Readonly<Record<string, number>> | null;
  /** Of training films; held-out films are boxed throughout. */
  readonly supervision: Readonly<Record<string, Supervision>>;
  readonly scanner: Scanner;
}

export type Job =
  /** Draws phantoms to `folder`, or finds a catalogue there, and decodes its films at the size. */
  | {
      readonly kind: 'films';
      readonly folder: string;
      readonly cache: string;
      readonly drawing: Drawing | null;
      readonly size: number;
      readonly classes: readonly string[];
    }
  /** What a site agent would tell its trainer: prepare when it is not prepared for that, then do the rest. */
  | { readonly kind: 'train'; readonly prepare: Command<'prepare'>; readonly train: Command<'train'> }
  | {
      readonly kind: 'evaluate';
      readonly prepare: Command<'prepare'>;
      readonly evaluate: Command<'evaluate'>;
    };

/** What ends each job. */
export interface JobResults {
  readonly films: { readonly kind: 'films'; readonly train: number; readonly val: number };
  readonly train: Event<'trained'>;
  readonly evaluate: Event<'evaluated'>;
}

export type WorkerEvent =
  | JobResults[keyof JobResults]
  | Event<'progress'>
  | { readonly kind: 'failed'; readonly code: FederationError['code']; readonly message: string };
