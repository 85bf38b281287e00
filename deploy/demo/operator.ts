import { writeFile } from 'node:fs/promises';
import type { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { type StudyStatus, studyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { encodeSafetensors } from '@fedoxnet/shared/weights/safetensors';
import { initialModel } from '@fedoxnet/site-agent/training/initial-model';
import { z } from 'zod';

/** What the demo does as the consortium's operator, each over the coordinator's HTTP interface. */
const invitation = z.object({ invitation: z.string() });

/** @returns the one-time code with which `site` enrols */
export async function invite(operator: OperatorClient, site: string): Promise<string> {
  return invitation.parse(await operator.post('admin/invitations', { site })).invitation;
}

/** Freezes a plan and gives it an untrained model. @param file where the model is written on the way */
export async function createStudy(operator: OperatorClient, plan: StudyPlan, file: string): Promise<void> {
  const { weights, metadata } = await initialModel(plan);
  await writeFile(file, encodeSafetensors(weights, metadata));
  await operator.post('admin/studies', { plan });
  await operator.putFile(`admin/studies/${plan.study}/model`, file);
}

export async function startStudy(operator: OperatorClient, study: string): Promise<void> {
  await operator.post(`admin/studies/${study}/start`);
}

export async function readStatus(operator: OperatorClient, study: string): Promise<StudyStatus> {
  return studyStatus.parse(await operator.get(`studies/${study}/status`));
}

/** Takes a release away as plaintext safetensors. */
export async function exportRelease(
  operator: OperatorClient,
  study: string,
  release: number,
  file: string,
): Promise<void> {
  await operator.getFile(`admin/studies/${study}/releases/${release}/model`, file);
}
