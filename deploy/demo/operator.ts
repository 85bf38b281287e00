import type { OperatorClient } from '@fedoxnet/coordinator/cli/operator-client';
import { type StudyStatus, studyStatus } from '@fedoxnet/shared/protocol/status';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { z } from 'zod';

/** What the demo does as the consortium's operator, each over the coordinator's HTTP interface. */
const invitation = z.object({ invitation: z.string() });

/** @returns the one-time code with which `site` enrols */
export async function invite(operator: OperatorClient, site: string): Promise<string> {
  return invitation.parse(await operator.post('admin/invitations', { site })).invitation;
}

/** Freezes a plan and gives it the model it starts from, a safetensors file. */
export async function createStudy(operator: OperatorClient, plan: StudyPlan, model: string): Promise<void> {
  await operator.post('admin/studies', { plan });
  await operator.putFile(`admin/studies/${plan.study}/model`, model);
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
