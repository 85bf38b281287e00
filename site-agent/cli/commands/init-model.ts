import { resolve } from 'node:path';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { digestOf } from '@fedoxnet/shared/weights/digest';
import { writeFileAtomic } from '../../agent/atomic-file.js';
import { initialModel } from '../../training/initial-model.js';
import { readPlanFile } from '../plan-file.js';
import type { Outcome } from '../terminal.js';

/** Writes release 0 of a study: the operator gives it to `fedoxnet-coordinator study create`. */
export async function initModel(options: { readonly plan: string; readonly out: string }): Promise<Outcome> {
  const plan = await readPlanFile(options.plan);
  const { weights, metadata } = await initialModel(plan);
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
