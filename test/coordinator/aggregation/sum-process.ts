import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SumThreads } from '@fedoxnet/coordinator/aggregation/sum-threads';
import { judgeUpdates, sumWindows } from '@fedoxnet/coordinator/aggregation/sum-windows';
import { FolderBlobStore } from '@fedoxnet/coordinator/blobs/folder-blob-store';
import type { AggregationPlan } from '@fedoxnet/shared/study/aggregation-plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { FP32, sealedRound } from './sealed-round.js';

export interface SumProcessOrder {
  readonly sites: number;
  readonly aggregation: AggregationPlan;
}

/** Sums so many updates of 12 MB, and tells how far its memory rose while it did. */
process.once('message', ({ sites, aggregation }: SumProcessOrder) => {
  const work = async (): Promise<void> => {
    const root = await mkdtemp(join(tmpdir(), 'fedoxnet-sum-'));
    try {
      const blobs = new FolderBlobStore(root);
      await blobs.prepare();
      const weights = new Map(
        ['a', 'b', 'c'].map((name) => [
          name,
          { shape: [1_000_000], values: new Float32Array(1_000_000).fill(0.5) },
        ]),
      );
      const file = encodeSafetensors(weights, {});
      const updates = Array.from({ length: sites }, () => ({ films: 1, file }));
      const shapes = new Map([...weights].map(([name, { shape }]) => [name, shape]));
      const order = { ...(await sealedRound(blobs, shapes, file, updates, FP32)), aggregation };
      const seconds = { open: 0, add: 0 };
      const threads = new SumThreads();
      let first: number | undefined;
      const verdict = await judgeUpdates({ blobs, threads }, order, seconds);
      for await (const [values] of sumWindows({ blobs, threads }, order, verdict, seconds))
        first ??= values?.[0];
      process.send?.({ first, peakRssMb: process.resourceUsage().maxRSS / 1024 });
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  };
  void work().then(() => process.exit(0));
});
