import { basename, resolve } from 'node:path';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import type { WeightMap } from '@fedoxnet/shared/weights/weight-map';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend, type BackendWish } from '../../backend/select-backend.js';
import { backboneWeights } from '../../pretrained/backbone-weights.js';
import { readTensorFile } from '../../pretrained/tensor-file.js';
import { initialModel, type ModelFile } from '../../training/initial-model.js';
import { phantomStart, PHANTOM_START_ROUNDS } from '../../training/phantom-start.js';
import { withProgressBar } from '../long-work.js';
import { readPlanFile } from '../plan-file.js';
import type { Outcome } from '../terminal.js';

export interface InitModelOptions {
  readonly plan: string;
  readonly out: string;
  readonly backend: BackendWish;
  readonly threads?: number;
  /** Steps on drawn films before any hospital's; 0 writes the network untrained. */
  readonly phantomSteps: number;
  readonly phantomFilms: number;
  /** A published ImageNet ResNet, safetensors, for the backbone to begin with. */
  readonly backboneWeights?: string;
}

/** Writes release 0 of a study: the operator gives it to `fedoxnet-coordinator study create`. */
export async function initModel(options: InitModelOptions): Promise<Outcome> {
  const plan = await readPlanFile(options.plan);
  const fresh = await initialModel(plan);
  const taken =
    options.backboneWeights === undefined ? null : await pretrained(plan, options.backboneWeights);
  const start = taken === null ? fresh : withBackbone(fresh, taken);
  const { weights, metadata } = options.phantomSteps > 0 ? await practised(plan, start, options) : start;
  const file = encodeSafetensors(weights, metadata);
  const out = resolve(options.out);
  await writeFileAtomic(out, file);
  const parameters = [...weights.values()].reduce((sum, { values }) => sum + values.length, 0);
  const document = {
    ...{ study: plan.study, out, digest: digestOf(file), bytes: file.byteLength, parameters },
    ...(taken && { backbone: { file: taken.file, digest: taken.digest, leftOut: taken.leftOut } }),
  };
  const lines = [`${out}: ${weights.size} tensors, ${parameters} numbers, SHA-256 ${document.digest}`];
  if (taken !== null) lines.push(backboneLine(taken));
  return { document, text: lines.join('\n') };
}

interface Pretrained {
  readonly file: string;
  readonly digest: string;
  readonly weights: WeightMap;
  readonly leftOut: readonly string[];
}

async function pretrained({ model }: StudyPlan, path: string): Promise<Pretrained> {
  const file = await readTensorFile(resolve(path));
  return { file: file.path, digest: file.digest, ...backboneWeights(file, model) };
}

function withBackbone({ weights, metadata }: ModelFile, taken: Pretrained): ModelFile {
  return {
    weights: new Map([...weights, ...taken.weights]),
    metadata: { ...metadata, backboneStart: `${basename(taken.file)}, SHA-256 ${taken.digest}` },
  };
}

function backboneLine({ file, weights, leftOut }: Pretrained): string {
  const counters = leftOut.filter((name) => name.endsWith('.num_batches_tracked')).length;
  const others = leftOut.filter((name) => !name.endsWith('.num_batches_tracked'));
  const unused = [...others, ...(counters > 0 ? [`${counters} step counters (num_batches_tracked)`] : [])];
  const left = unused.length > 0 ? `; left out: ${unused.join(', ')}` : '';
  return `backbone: ${weights.size} tensors from ${file}${left}`;
}

async function practised(plan: StudyPlan, start: ModelFile, options: InitModelOptions): Promise<ModelFile> {
  const { backend, threads, phantomFilms: films, phantomSteps: steps } = options;
  await selectBackend(backend, threads === undefined ? {} : { threads });
  return withProgressBar('steps on phantoms', (onStep) =>
    phantomStart(plan, { start, films, steps, rounds: PHANTOM_START_ROUNDS, onStep }),
  );
}
