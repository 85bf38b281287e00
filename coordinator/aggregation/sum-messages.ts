import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import type { ModulesInStage } from '@fedoxnet/shared/study/stage-plan';
import { chunkSeal } from '@fedoxnet/shared/sealing/chunks';
import type { SealedHeader } from '@fedoxnet/shared/sealing/header';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { EncodedPlace, EncodingChoice } from '@fedoxnet/shared/weights/update-encoding';
import type { SealedFile } from '../blobs/sealed-range.js';
import type { ModelLayout } from './model-layout.js';
import { strategyOfPlan } from './strategy-of-plan.js';
import type { SealedWeights, SumSeconds, SumTask } from './sum-task.js';
import type { Survey, Verdict } from './survey.js';

/** A sealed file as it crosses to a worker thread: a `ChunkSeal` in parts that can be copied. */
export interface FileOrder {
  readonly folder: string;
  readonly header: SealedHeader;
  readonly dataKey: Uint8Array;
}

export interface WeightsOrder extends FileOrder {
  readonly places: ReadonlyMap<string, EncodedPlace>;
  readonly dataStart: number;
}

/** What of SCAFFOLD a sum must know. */
export interface ControlOrder {
  /** |S| / N: the share of the study's sites that the server's controls hear of this time. */
  readonly share: number;
}

/** A `SumTask` as data. */
export interface SumOrder {
  /** Of the blob store. */
  readonly blobs: string;
  readonly model: ModelLayout;
  readonly choice: EncodingChoice;
  readonly aggregation: AggregationPlan;
  /** Of the round's stage. */
  readonly modules: ModulesInStage;
  /** In the order of the sites' names. */
  readonly updates: readonly (FileOrder & { readonly site: string; readonly masses: UpdateMasses })[];
  readonly base: WeightsOrder;
  /** What the server's optimiser kept of the last round; null before the first, and for those that keep nothing. */
  readonly state: WeightsOrder | null;
  /** Null when updates carry no control variates. */
  readonly controls: ControlOrder | null;
}

/** What a worker is asked. */
export type SumRequest =
  | { readonly kind: 'begin'; readonly order: SumOrder }
  | { readonly kind: 'end' }
  | { readonly kind: 'survey'; readonly window: number }
  | {
      readonly kind: 'sum';
      readonly window: number;
      readonly verdict: Verdict;
      /** Memory for the answer, moved there and back. */
      readonly target: Float32Array;
    };

/** What it answers. */
export type SumReply =
  /** To `begin` and `end`. */
  | { readonly kind: 'ready' }
  | {
      readonly kind: 'summed';
      /** The memory of the request, which may be longer than what is in it. */
      readonly target: Float32Array;
      /** Of all windows so far. */
      readonly seconds: SumSeconds;
    }
  | { readonly kind: 'surveyed'; readonly survey: Survey; readonly seconds: SumSeconds }
  | { readonly kind: 'refused'; readonly site: string; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

function fileOf({ folder, header, dataKey }: FileOrder): SealedFile {
  return { folder, seal: chunkSeal(header, dataKey) };
}

function weightsOf(order: WeightsOrder): SealedWeights {
  return { ...fileOf(order), places: order.places, dataStart: order.dataStart };
}

export function sumTaskOf(order: SumOrder): SumTask {
  const { model, choice, aggregation, modules, updates, base, state, controls } = order;
  return {
    model,
    choice,
    strategy: strategyOfPlan(aggregation, modules),
    updates: updates.map((update) => ({ ...fileOf(update), site: update.site, masses: update.masses })),
    base: weightsOf(base),
    state: state === null ? null : weightsOf(state),
    controls,
  };
}
