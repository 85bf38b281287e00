import { z } from 'zod';
import { pseudoCount, type PseudoCount } from '@fedoxnet/shared/protocol/pseudo-count';
import { decodeSafetensors, encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import type { Prototypes } from '../losses/prototypes.js';
import { Evidence } from './evidence.js';
import type { Learner } from './learner.js';
import { LossMeans } from './loss-means.js';

/** A local round between two steps. Random streams need no place in it: they are found again from the step's number. */
export interface RoundState {
  /** Steps done. */
  readonly step: number;
  readonly evidence: Evidence;
  readonly losses: LossMeans;
  readonly pseudo: PseudoCount;
}

const progressRecord = z.object({
  key: z.string(),
  step: z.number().int().min(1),
  optimizerSteps: z.number().int().min(0),
  evidence: z.array(z.number()),
  losses: z.array(z.tuple([z.string(), z.number(), z.number()])),
  pseudo: pseudoCount,
});

/**
 * The round's whole state as a safetensors file: student, teacher, optimiser moments and prototypes as tensors, counts in
 * the metadata.
 * @param key names what the round starts from; a checkpoint of another key is not resumed
 */
export function encodeCheckpoint(key: string, state: RoundState, learner: Learner): Uint8Array {
  const record: z.infer<typeof progressRecord> = {
    key,
    step: state.step,
    optimizerSteps: learner.parameters.steps,
    evidence: state.evidence.toNumbers(),
    losses: state.losses.toEntries(),
    pseudo: state.pseudo,
  };
  const tensors = Object.entries(arraysOf(learner)).map(
    // Not Float32Array.from, which asks an iterator for each number.
    ([name, values]) => [name, { shape: [values.length], values: new Float32Array(values) }] as const,
  );
  return encodeSafetensors(new Map(tensors), { checkpoint: JSON.stringify(record) });
}

/**
 * Puts a checkpoint's numbers into a fresh learner.
 * @returns where the round stood, or null when the checkpoint is broken or belongs to another round or model; the learner is then untouched
 */
export function resumeCheckpoint(bytes: Uint8Array, key: string, learner: Learner): RoundState | null {
  const checkpoint = parse(bytes);
  if (checkpoint === null || checkpoint.record.key !== key) return null;
  const { weights, record } = checkpoint;
  const arrays = Object.entries(arraysOf(learner));
  if (!arrays.every(([name, values]) => weights.get(name)?.values.length === values.length)) return null;
  for (const [name, values] of arrays) values.set(weights.get(name)!.values);
  learner.parameters.steps = record.optimizerSteps;
  learner.restored();
  return {
    step: record.step,
    evidence: Evidence.fromNumbers(record.evidence),
    losses: LossMeans.fromEntries(record.losses),
    pseudo: record.pseudo,
  };
}

/**
 * The teacher of a round between two steps, for whoever wants to see what it sees.
 * @returns null for a file that is none or was cut off
 */
export function teacherOfCheckpoint(bytes: Uint8Array): { step: number; values: Float32Array } | null {
  const checkpoint = parse(bytes);
  const values = checkpoint?.weights.get('teacher')?.values;
  return checkpoint === null || values === undefined ? null : { step: checkpoint.record.step, values };
}

/** A file that cannot be read costs the steps done so far, not the round. */
function parse(bytes: Uint8Array): { weights: WeightMap; record: z.infer<typeof progressRecord> } | null {
  try {
    const { weights, metadata } = decodeSafetensors(bytes);
    return { weights, record: progressRecord.parse(JSON.parse(metadata['checkpoint'] ?? 'null')) };
  } catch {
    return null;
  }
}

function arraysOf(learner: Learner): Record<string, Float32Array | Uint8Array> {
  const prototypes: Prototypes = learner.prototypes;
  return {
    student: learner.parameters.values,
    teacher: learner.parameters.teacher,
    ...Object.fromEntries(learner.parameters.moments.map((moment, i) => [`moment${i}`, moment])),
    prototypes: prototypes.values,
    prototypesKnown: prototypes.known,
    prototypeSums: prototypes.weightedSums,
    prototypeMasses: prototypes.masses,
    ...(learner.controls === null ? {} : { controlSums: learner.controls.gradientSum }),
  };
}
