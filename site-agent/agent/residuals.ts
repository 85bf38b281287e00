import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { WeightsFile } from './weights-file.js';

/**
 * What the rounding of a study's updates has lost so far (error feedback), in the study's own folder of the site's home.
 * A round adds the residual of the latest round before it whose update was delivered, so that doing a round again, as a
 * second attempt or after a crash, computes the same. A new study begins with none; so does a new plan.
 */
const DELIVERED = /^residual-(\d+)\.safetensors$/;
/** The round before the last delivered one may be asked for once more. */
const KEPT = 2;

/** Where a round's residual is written until its update was delivered. */
export function pendingResidual(folder: string, round: number): string {
  return join(folder, `residual-${round}.pending.safetensors`);
}

/** @returns null when there is none of this plan; a damaged one is dropped: the next rounds lose a little, not the study */
export async function openResidual(
  folder: string,
  planHash: string,
  round: number,
): Promise<WeightsFile | null> {
  const before = (await deliveredRounds(folder)).filter((delivered) => delivered < round);
  const latest = before.at(-1);
  if (latest === undefined) return null;
  const path = join(folder, `residual-${latest}.safetensors`);
  try {
    const file = await WeightsFile.open(path);
    if (file.layout.metadata.plan_hash === planHash) return file;
    await file.close();
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
  }
  await rm(path, { force: true });
  return null;
}

/** The update of `round` arrived: what it lost is owed from now on. Doing it again does nothing. */
export async function keepResidual(folder: string, round: number): Promise<void> {
  const pending = pendingResidual(folder, round);
  await rename(pending, join(folder, `residual-${round}.safetensors`)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  const old = (await deliveredRounds(folder)).slice(0, -KEPT);
  for (const round of old) await rm(join(folder, `residual-${round}.safetensors`), { force: true });
}

async function deliveredRounds(folder: string): Promise<number[]> {
  const rounds = (await readdir(folder)).flatMap((name) => {
    const round = DELIVERED.exec(name)?.[1];
    return round === undefined ? [] : [Number(round)];
  });
  return rounds.sort((a, b) => a - b);
}
