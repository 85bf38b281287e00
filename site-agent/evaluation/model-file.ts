import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { modelPlan, type ModelPlan } from '@fedoxnet/shared/study/plan';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';

/** A released model: all that is needed to run it. */
export interface ReleasedModel {
  readonly plan: ModelPlan;
  readonly classes: readonly string[];
  readonly weights: WeightMap;
  readonly metadata: Readonly<Record<string, string>>;
}

const classNames = z.array(z.string().min(1)).min(1);

/**
 * Reads a released model.
 * @throws {FederationError} `DATA_MISSING` when the file cannot be read, `WEIGHTS_INVALID` when it is not safetensors,
 *   `MODEL_INVALID` when its metadata lacks the plan or the classes
 */
export async function readModelFile(path: string): Promise<ReleasedModel> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (cause) {
    throw new FederationError(
      'DATA_MISSING',
      `The model ${path} cannot be read (${(cause as Error).message}).`,
      { cause },
    );
  }
  const { weights, metadata } = decodeSafetensors(bytes);
  return {
    plan: metadataField(metadata, 'model', modelPlan, path),
    classes: metadataField(metadata, 'classes', classNames, path),
    weights,
    metadata,
  };
}

function metadataField<S extends z.ZodType>(
  metadata: Readonly<Record<string, string>>,
  name: string,
  schema: S,
  path: string,
): z.output<S> {
  const text = metadata[name];
  if (text === undefined)
    throw new FederationError('MODEL_INVALID', `${path} has no "${name}" in its metadata.`);
  try {
    return schema.parse(JSON.parse(text));
  } catch (cause) {
    throw new FederationError('MODEL_INVALID', `The metadata "${name}" of ${path} is wrong.`, { cause });
  }
}
