import { z } from 'zod';
import { boxTargets } from '@fedoxnet/site-agent/losses/detection-targets';
import type { FilmLabels } from '@fedoxnet/site-agent/losses/film-labels';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import type { ModelPlan, TrainingPlan } from '@fedoxnet/shared/study/plan';
import type { Batch } from '@fedoxnet/site-agent/training/batch';
import { tinyPlan } from '@fedoxnet/site-agent/training/presets';
import { Random } from '@fedoxnet/site-agent/random';

/** K: the nine classes of the real films. */
export const CLASSES = 9;
const LESIONS_PER_FILM = 3;

/** What both contenders are told. */
export const workload = z.object({
  backbone: z.enum(['tiny', 'resnet18', 'resnet34', 'resnet50', 'resnet101']),
  size: z.number().int().min(64).max(1024).multipleOf(32),
  batch: z.number().int().min(1).max(64),
  threads: z.number().int().min(1).max(64),
  /** `detector`: boxes alone. `full`: half boxes, a quarter labels, a quarter nothing, and the teacher. */
  step: z.enum(['detector', 'full']),
});
export type Workload = z.infer<typeof workload>;

/** The paper's network (width 256, head depth 4, frozen norm, colour), or the demo's for `tiny`; P3–P7. */
export function modelPlan({ backbone, size }: Workload): ModelPlan {
  const tiny = tinyPlan({
    ...{ study: 'bench', classes: classNames(), sites: ['a'], rounds: 1, localSteps: 1, size, seed: 1 },
  }).model;
  if (backbone === 'tiny') return tiny;
  return { ...tiny, backbone, channels: 3, norm: 'frozen', anchorScale: 4, width: 256, headDepth: 4 };
}

/** Every term of OXnet's loss, or the two of a RetinaNet. */
export function trainingPlan({ step, size }: Workload): TrainingPlan {
  const { training } = tinyPlan({
    ...{ study: 'bench', classes: classNames(), sites: ['a'], rounds: 1, localSteps: 1, size, seed: 1 },
  });
  const rest = step === 'full' ? 1 : 0;
  return {
    ...training,
    optimizer: { ...training.optimizer, learningRate: 1e-4 },
    losses: {
      ...training.losses,
      ...{ focal: 1, regression: 1, image: rest, intra: rest, inter: rest, soft: rest, softRegression: rest },
    },
    teacher: { decay: step === 'full' ? 0.99 : 1, keepScore: 0.5 },
  };
}

function classNames(): string[] {
  return Array.from({ length: CLASSES }, (_, c) => `class ${c}`);
}

/** Films of noise, three lesions each where boxes are known; the same ones in every run. */
export function noiseBatch({ size, batch, step }: Workload): Batch {
  const random = Random.of('train-step', size, batch);
  const pixels = Array.from({ length: batch }, () =>
    Uint8Array.from({ length: size * size }, () => random.below(256)),
  );
  const films = pixels.map((_, b) => {
    const kind = step === 'detector' || b < batch / 2 ? 'box' : b < (3 * batch) / 4 ? 'image' : 'none';
    return noiseLabels(kind, size, random);
  });
  return { films, student: pixels, teacher: pixels };
}

function noiseLabels(kind: 'box' | 'image' | 'none', size: number, random: Random): FilmLabels {
  const lesions = kind === 'box' ? LESIONS_PER_FILM : 0;
  const boxes = new Float32Array(4 * lesions);
  for (let i = 0; i < lesions; i++) {
    const side = random.between(0.15, 0.4) * size;
    const [x, y] = [random.between(0, size - side), random.between(0, size - side)];
    boxes.set([x, y, x + side, y + side], 4 * i);
  }
  const boxClasses = Int32Array.from({ length: lesions }, () => random.below(CLASSES));
  const label = Uint8Array.from({ length: CLASSES }, (_, c) => (boxClasses.includes(c) || c === 0 ? 1 : 0));
  return {
    boxes,
    boxClasses,
    boxKnown: new Uint8Array(CLASSES).fill(kind === 'box' ? 1 : 0),
    labelKnown: new Uint8Array(CLASSES).fill(kind === 'none' ? 0 : 1),
    label,
  };
}

/** Matched anchors of the batch: what the other contender's box loss gathers. */
export function matchedRows(load: Workload): number[] {
  const targets = boxTargets(anchorGrid(modelPlan(load)).boxes, noiseBatch(load).films);
  return [...(targets?.rows ?? [])];
}
