import { resolve } from 'node:path';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { writeFileAtomic } from '../../files/atomic-file.js';
import { selectBackend, type BackendWish } from '../../backend/select-backend.js';
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
}

/** Writes release 0 of a study: the operator gives it to `fedoxnet-coordinator study create`. */
export async function initModel(options: InitModelOptions): Promise<Outcome> {
  const plan = await readPlanFile(options.plan);
  const { weights, metadata } =
    options.phantomSteps > 0 ? await practised(plan, options) : await initialModel(plan);
  const file = encodeSafetensors(weights, metadata);
  const out = resolve(options.out);
  await writeFileAtomic(out, file);
  const parameters = [...weights.values()].reduce((sum, { values }) => sum + values.length, 0);
  const document = { study: plan.study, out, digest: digestOf(file), bytes: file.byteLength, parameters };
  return {
    document,
    text: `${out}: ${weights.size} tensors, ${parameters} numbers, SHA-256 ${document.digest}`,
  };
}

async function practised(plan: StudyPlan, options: InitModelOptions): Promise<ModelFile> {
  const { backend, threads, phantomFilms: films, phantomSteps: steps } = options;
  await selectBackend(backend, threads === undefined ? {} : { threads });
  return withProgressBar('steps on phantoms', (onStep) =>
    phantomStart(plan, { films, steps, rounds: PHANTOM_START_ROUNDS, onStep }),
  );
}
