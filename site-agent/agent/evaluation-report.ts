import type { EvaluationReport } from '@fedoxnet/shared/evaluation/match-histogram';
import type { EvaluationInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import { withRetries } from './back-off.js';
import type { TransferOptions } from './transfer-options.js';

export interface EvaluationDelivery extends TransferOptions {
  readonly invited: EvaluationInvitation;
  readonly report: EvaluationReport;
}

/** Sends the match counts of one release; the coordinator counts a repeated report once. */
export async function sendEvaluation({
  invited,
  report,
  http,
  signal,
  onRetry,
}: EvaluationDelivery): Promise<void> {
  const { study, round, release, digest } = invited;
  const path = `v1/studies/${study}/rounds/${round}/evaluation`;
  const request = { method: 'POST', path, json: { release, digest, report }, signal } as const;
  await withRetries(() => http.send(request), { signal, onRetry });
}
