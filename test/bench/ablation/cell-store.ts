import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { canonicalJson } from '@fedoxnet/shared/study/canonical-json';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { writeFileAtomic } from '@fedoxnet/site-agent/files/atomic-file';
import { readJsonFile } from '@fedoxnet/site-agent/files/json-file';

const ap = z.number().nullable();

/** What is kept of a finished cell. */
const cellResult = z.object({
  key: z.string(),
  ap: ap,
  ap40: ap,
  ap50: ap,
  ap75: ap,
  /** AP40, in the order of the classes. */
  perClass: z.array(ap),
  losses: z.record(z.string(), z.number()),
  seconds: z.number(),
});
export type CellResult = z.infer<typeof cellResult>;

/** Names all that decides a cell's result: another plan, other films or another start give another key. */
export function cellKey(decisive: unknown): string {
  return digestOf(canonicalJson(decisive));
}

/** Finished cells in a folder; one of another key counts as not there. */
export class CellStore {
  constructor(private readonly folder: string) {}

  async result(name: string, key: string): Promise<CellResult | null> {
    const found = await readJsonFile(join(this.folder, `${name}.json`), cellResult, 'DATA_INVALID');
    return found?.key === key ? found : null;
  }

  async keepResult(name: string, result: CellResult): Promise<void> {
    await writeFileAtomic(join(this.folder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  }

  async weights(name: string, key: string): Promise<WeightMap | null> {
    try {
      const { weights, metadata } = decodeSafetensors(
        await readFile(join(this.folder, `${name}.safetensors`)),
      );
      return metadata['key'] === key ? weights : null;
    } catch {
      return null; // missing or damaged: it is made again
    }
  }

  async keepWeights(name: string, key: string, weights: WeightMap): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await writeFileAtomic(join(this.folder, `${name}.safetensors`), encodeSafetensors(weights, { key }));
  }
}
