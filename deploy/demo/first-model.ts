import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import type { ChildProcesses } from './child-processes.js';
import { SITE_PROGRAM } from './consortium.js';
import type { BackendChoice } from './options.js';
import type { OutFolder } from './out-folder.js';

/**
 * Makes the model that a study starts from, as an operator would: `fedoxnet-site init-model`.
 * @param practice steps on phantoms; 0 leaves the network untrained
 * @returns the safetensors file
 */
export async function makeFirstModel(
  processes: ChildProcesses,
  out: OutFolder,
  plan: StudyPlan,
  { practice, backend }: { readonly practice: number; readonly backend: BackendChoice },
): Promise<string> {
  const planFile = join(out.work, 'plan.json');
  const model = join(out.work, 'first-model.safetensors');
  await writeFile(planFile, `${JSON.stringify(plan, null, 2)}\n`);
  await processes.run({
    name: 'init-model',
    args: [
      SITE_PROGRAM,
      'init-model',
      '--plan',
      planFile,
      '--out',
      model,
      '--phantom-steps',
      String(practice),
      '--backend',
      backend,
    ],
    log: out.log('init-model'),
  });
  return model;
}
