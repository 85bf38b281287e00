import { controlName } from '@fedoxnet/shared/weights/control-variates';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { EncodedPlace, EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import type { SealedFile } from '../blobs/sealed-range.js';
import type { ModelLayout, TensorLayout } from './model-layout.js';
import type { AggregationStrategy } from './strategy.js';
import type { Window } from './windows.js';

/** An update that was verified and counted. */
export interface CountedUpdate extends SealedFile {
  readonly site: string;
  readonly masses: UpdateMasses;
}

/** A sealed safetensors file of float32 whose header was read. */
export interface SealedWeights extends SealedFile {
  readonly places: ReadonlyMap<string, EncodedPlace>;
  readonly dataStart: number;
}

/** All that a round's sum is made of. */
export interface SumTask {
  readonly model: ModelLayout;
  readonly choice: EncodingChoice;
  readonly strategy: AggregationStrategy;
  /** In the order of the sites' names. */
  readonly updates: readonly CountedUpdate[];
  /** The model that the sites started from. */
  readonly base: SealedWeights;
  readonly state: SealedWeights | null;
  readonly controls: { readonly share: number } | null;
}

/** An upload that cannot be counted after all: its bytes were lost or changed on the disk. */
export class UpdateRefused extends Error {
  override readonly name = 'UpdateRefused';

  constructor(
    readonly site: string,
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`The update of ${site} cannot be counted: ${reason}`, options);
  }
}

/** Seconds of the parts of a sum. */
export interface SumSeconds {
  /** Reading and opening sealed bytes. */
  open: number;
  add: number;
}

/** Prototypes follow slowly instead: no optimiser steps them, and no control corrects them. */
export function isTrained({ role }: TensorLayout): boolean {
  return role.module !== 'prototypes';
}

export function trainedPart(window: Window): Window {
  return window.filter(({ tensor }) => isTrained(tensor));
}

/** Arrays that come of each window beside the weights, all over the trained tensors: names them after a tensor. */
export function companionNames({
  strategy,
  controls,
}: Pick<SumTask, 'strategy' | 'controls'>): readonly ((tensor: string) => string)[] {
  const state = strategy.server.state.map((name) => (tensor: string) => stateName(tensor, name));
  return controls === null ? state : [...state, controlName];
}

/** Under which name a number of the server's optimiser is kept. */
export function stateName(tensor: string, array: string): string {
  return `${tensor}#${array}`;
}
