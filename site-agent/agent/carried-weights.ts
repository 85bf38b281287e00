import { readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { WeightsFile } from './weights-file.js';

/**
 * What a site keeps to itself from round to round, in the study's own folder of its home: the `residual` that the rounding
 * of its updates has lost so far (error feedback), and its `own` numbers, SCAFFOLD's control variates or FedBN's norms.
 * A round begins with those of the latest round before it whose update was delivered, so that doing a round again, as a
 * second attempt or after a crash, computes the same. A new study begins with none; so does a new plan.
 */
export type Carried = 'residual' | 'own';

/** The round before the last delivered one may be asked for once more. */
const KEPT = 2;

/** Where a round's numbers are written until its update was delivered. */
export function pendingCarried(kind: Carried, folder: string, round: number): string {
  return join(folder, `${kind}-${round}.pending.safetensors`);
}

/**
 * The file that `round` begins with.
 * @returns null when there is none of this plan; a damaged one is dropped: the next rounds lose a little, not the study
 */
export async function findCarried(
  kind: Carried,
  folder: string,
  planHash: string,
  round: number,
): Promise<string | null> {
  const file = await openCarried(kind, folder, planHash, round);
  await file?.close();
  return file?.path ?? null;
}

/** The site's own numbers with which `round` begins, as the trainer is told of them. */
export async function ownBefore(folder: string, planHash: string, round: number): Promise<{ own?: string }> {
  const own = await findCarried('own', folder, planHash, round);
  return own === null ? {} : { own };
}

/** The file that `round` begins with, open, or null. The caller closes it. */
export async function openCarried(
  kind: Carried,
  folder: string,
  planHash: string,
  round: number,
): Promise<WeightsFile | null> {
  const path = await latestBefore(kind, folder, round);
  if (path === null) return null;
  const file = await openOfPlan(path, planHash);
  if (file === null) await rm(path, { force: true });
  return file;
}

/** As `findCarried`, for who only looks: a file of another plan stays. */
export async function seeCarried(
  kind: Carried,
  folder: string,
  planHash: string,
  round: number,
): Promise<string | null> {
  const path = await latestBefore(kind, folder, round).catch(() => null);
  if (path === null) return null;
  const file = await openOfPlan(path, planHash);
  await file?.close();
  return file === null ? null : path;
}

async function latestBefore(kind: Carried, folder: string, round: number): Promise<string | null> {
  const before = (await deliveredRounds(kind, folder)).filter((delivered) => delivered < round);
  const latest = before.at(-1);
  return latest === undefined ? null : delivered(kind, folder, latest);
}

/** Null for a damaged file, or one of another plan. */
async function openOfPlan(path: string, planHash: string): Promise<WeightsFile | null> {
  try {
    const file = await WeightsFile.open(path);
    if (file.layout.metadata.plan_hash === planHash) return file;
    await file.close();
  } catch (error) {
    if (!(error instanceof FederationError)) throw error;
  }
  return null;
}

/** The update of `round` arrived: what was written beside it holds from now on. Doing it again does nothing. */
export async function keepCarried(kind: Carried, folder: string, round: number): Promise<void> {
  const pending = pendingCarried(kind, folder, round);
  await rename(pending, delivered(kind, folder, round)).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  });
  const old = (await deliveredRounds(kind, folder)).slice(0, -KEPT);
  for (const past of old) await rm(delivered(kind, folder, past), { force: true });
}

function delivered(kind: Carried, folder: string, round: number): string {
  return join(folder, `${kind}-${round}.safetensors`);
}

async function deliveredRounds(kind: Carried, folder: string): Promise<number[]> {
  const pattern = new RegExp(`^${kind}-(\\d+)\\.safetensors$`);
  const rounds = (await readdir(folder)).flatMap((name) => {
    const round = pattern.exec(name)?.[1];
    return round === undefined ? [] : [Number(round)];
  });
  return rounds.sort((a, b) => a - b);
}
