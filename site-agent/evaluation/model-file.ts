import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FederationError } from '@fedoxnet/shared/errors';
import { firstIssue } from '@fedoxnet/shared/protocol/parse-issue';
import { modelPlan, type ModelPlan } from '@fedoxnet/shared/study/plan';
import { labelNames, type LabelNames } from '@fedoxnet/shared/study/label-names';
import { decodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { checkModelWeights } from '../model/oxnet.js';

/** A released model: all that is needed to run it. */
export interface ReleasedModel {
  /** The file it was read from. */
  readonly path: string;
  readonly plan: ModelPlan;
  readonly classes: readonly string[];
  /** What the study's sites may call them. */
  readonly labels?: LabelNames | undefined;
  readonly weights: WeightMap;
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the whole file, hexadecimal: which model it is, beyond doubt. */
  readonly sha256: string;
}

const classNames = z
  .array(z.string().min(1))
  .min(1)
  .refine((names) => new Set(names).size === names.length, 'a class is listed twice');
/** A film must still have one cell at the coarsest level: stride 2^level. */
const soundPlan = modelPlan.refine(
  ({ size, levels }) => size >= 2 ** levels[1],
  'the size is below the coarsest stride',
);

/**
 * Reads a released model and makes sure that it can run: its weights are those of the network its metadata names.
 * Every refusal names the file.
 * @throws {FederationError} `DATA_MISSING` when the file cannot be read; `WEIGHTS_INVALID` when it is not safetensors,
 *   or a tensor is missing, unknown, of another shape or not finite; `MODEL_INVALID` when its metadata lacks the plan or
 *   the classes
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
  const { weights, metadata } = naming(path, () => decodeSafetensors(bytes));
  const plan = metadataField(metadata, 'model', soundPlan, path);
  const classes = metadataField(metadata, 'classes', classNames, path);
  const labels =
    metadata.labels === undefined ? undefined : metadataField(metadata, 'labels', labelNames, path);
  naming(path, () => checkModelWeights(plan, classes.length, weights));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return { path, plan, classes, labels, weights, metadata, sha256 };
}

/** Puts the file's name before whatever `work` refuses. */
function naming<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof FederationError)) throw cause;
    throw new FederationError(cause.code, `The model ${path} cannot be used: ${cause.message}`, { cause });
  }
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
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new FederationError('MODEL_INVALID', `The metadata "${name}" of ${path} is not JSON.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success)
    throw new FederationError(
      'MODEL_INVALID',
      `The metadata "${name}" of ${path} is wrong: ${firstIssue(parsed.error)}.`,
    );
  return parsed.data;
}
