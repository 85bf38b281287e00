import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import type { SealedHeader } from '@fedoxnet/shared/sealing/header';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { EncodedPlace, EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import type { SealedFile } from '../blobs/sealed-range.js';
import type { ModelLayout } from './model-layout.js';
import { strategyOfPlan } from './strategy-of-plan.js';
import type { SumSeconds, SumTask } from './sum-window.js';

/** A sealed file as it crosses to a worker thread: a `ChunkSeal` in parts that can be copied. */
export interface FileOrder {
  readonly folder: string;
  readonly header: SealedHeader;
  readonly dataKey: Uint8Array;
}

/** A `SumTask` as data. */
export interface SumOrder {
  /** Of the blob store. */
  readonly blobs: string;
  readonly model: ModelLayout;
  readonly choice: EncodingChoice;
  readonly aggregation: StudyPlan['aggregation'];
  readonly updates: readonly (FileOrder & { readonly site: string; readonly masses: UpdateMasses })[];
  readonly base: FileOrder & {
    readonly places: ReadonlyMap<string, EncodedPlace>;
    readonly dataStart: number;
  };
}

/** What a worker is asked. */
export interface SumRequest {
  readonly window: number;
  /** Memory for the answer, moved there and back. */
  readonly target: Float32Array;
}

/** What it answers. */
export type SumReply =
  | {
      readonly kind: 'summed';
      /** The memory of the request, which may be longer than the window. */
      readonly target: Float32Array;
      readonly elements: number;
      /** Of all windows so far. */
      readonly seconds: SumSeconds;
    }
  | { readonly kind: 'refused'; readonly site: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

function fileOf({ folder, header, dataKey }: FileOrder): SealedFile {
  return { folder, seal: chunkSeal(header, dataKey) };
}

export function sumTaskOf({ model, choice, aggregation, updates, base }: SumOrder): SumTask {
  return {
    model,
    choice,
    strategy: strategyOfPlan(aggregation),
    updates: updates.map((update) => ({ ...fileOf(update), site: update.site, masses: update.masses })),
    base: { ...fileOf(base), places: base.places, dataStart: base.dataStart },
  };
}
