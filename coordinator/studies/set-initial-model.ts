import { createReadStream } from 'node:fs';
import { FederationError } from '@fedoxnet/shared/errors';
import { SafetensorsStream } from '@fedoxnet/shared/weights/safetensors';
import { modelLayout } from '../aggregation/model-layout.js';
import type { CoordinatorContext } from '../context.js';
import type { Actor } from '../people/roles.js';
import { dropSealed, folderOfRelease, plaintextOf, sealRelease } from '../releases/seal-release.js';
import type { StoredModel, StudyRow } from '../storage/study-tables.js';

function parseRoles(text: string | undefined): unknown {
  if (text === undefined) {
    throw new FederationError('MODEL_INVALID', 'The metadata of the model has no entry "roles".');
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new FederationError('MODEL_INVALID', 'The entry "roles" of the model\'s metadata is not JSON.', {
      cause,
    });
  }
}

/** Reads all of a model file: every tensor has a role that fits, and every number is finite. */
async function readModel(file: string, classes: number): Promise<StoredModel> {
  const found: StoredModel[] = [];
  const stream = new SafetensorsStream(
    {
      onHeader: (shapes, metadata) => {
        const { tensors } = modelLayout(shapes, parseRoles(metadata.roles), classes);
        const roles = Object.fromEntries([...tensors].map(([name, { role }]) => [name, role]));
        found.push({ tensors: [...shapes], roles });
      },
      onValues: () => undefined,
    },
    { finite: true },
  );
  for await (const piece of createReadStream(file)) stream.push(piece as Uint8Array);
  stream.end();
  const [model] = found;
  if (model === undefined) throw new FederationError('MODEL_INVALID', 'The model has no header.');
  return model;
}

/**
 * Checks the model that a study starts from and releases it as number 0.
 * @param file plaintext safetensors, on this machine; the caller removes it
 * @throws {FederationError} `MODEL_INVALID`, `WEIGHTS_INVALID`, `STUDY_STATE`
 */
export async function setInitialModel(
  { database, blobs, keys, now }: CoordinatorContext,
  study: StudyRow,
  file: string,
  by: Actor,
): Promise<{ study: string; digest: string; bytes: number; tensors: number }> {
  const model = await readModel(file, study.plan.classes.length);
  const { name, planHash } = study;
  const plaintext = await plaintextOf(() => createReadStream(file));
  const release = await sealRelease({ study: name, planHash, release: 0 }, plaintext, keys, blobs);
  const at = now();
  const { digest, bytes } = release.header;
  await database.transaction(async ({ studies, audit }) => {
    if (!(await studies.setModel(name, model))) {
      await dropSealed(folderOfRelease(release.header), blobs);
      throw new FederationError('STUDY_STATE', `Study ${name} has started; its initial model is fixed.`);
    }
    await studies.putRelease({ ...release, state: null, createdAt: at });
    await audit.append(at, 'initial-model', { study: name, digest, by: by.name });
  });
  return { study: name, digest, bytes, tensors: model.tensors.length };
}
