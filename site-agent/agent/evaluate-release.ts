import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { EvaluationInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import type { StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { ownBefore } from './carried-weights.js';
import { confirmReceipts } from './countersign.js';
import { downloadRelease, dropOtherReleases, type WantedRelease } from './download.js';
import { sendEvaluation } from './evaluation-report.js';
import { bytesMoved } from './live-events.js';
import { readPolicy, scoresSuppressedBelow } from './policy.js';
import { reportedTransfer, reportProgress } from './round-progress.js';
import { whileDiskIsFull, whileTrainerDies } from './round-retries.js';
import { preparationOf, workFolder, type SiteWork } from './site-work.js';
import type { TrainerProgress } from './trainer-process.js';

/** Scores a release on the site's held-out films and sends the counts. */
export async function evaluateRelease(
  work: SiteWork,
  plan: StudyPlan,
  invited: EvaluationInvitation & WantedRelease,
  signal: AbortSignal,
): Promise<void> {
  await whileDiskIsFull(work, invited, () => score(work, plan, invited, signal), signal);
}

async function score(
  work: SiteWork,
  plan: StudyPlan,
  invited: EvaluationInvitation & WantedRelease,
  signal: AbortSignal,
): Promise<void> {
  const { study, round } = invited;
  const folder = workFolder(work.home, study);
  const model = await downloadRelease(
    invited,
    folder,
    work.identity,
    reportedTransfer(work, invited, 'download', signal),
  );
  const onProgress = (progress: TrainerProgress) => reportProgress(work, invited, 'evaluate', progress);
  const own = plan.training.norms === 'local' ? await ownBefore(folder, planHash(plan), round + 1) : {};
  const suppressBelow = scoresSuppressedBelow(await readPolicy(work.home), plan);
  const command = { round, model, suppressBelow, ...own };
  const evaluated = await whileTrainerDies(
    work,
    invited,
    () => work.trainer.evaluate(preparationOf(work, plan), command, { signal, onProgress }),
    signal,
  );
  work.flush();
  failpoint('agent.evaluate.scored');
  // Before the report, with which the round may end: so its receipt is complete when the release is published.
  await confirmReceipts(work);
  await sendEvaluation({
    invited,
    report: evaluated.report,
    ...reportedTransfer(work, invited, 'evaluate', signal),
  });
  failpoint('agent.evaluate.reported');
  await dropOtherReleases(folder, model);
  const { films } = evaluated.report;
  work.emit({
    event: 'evaluated',
    study,
    round,
    films,
    seconds: evaluated.seconds,
    ...bytesMoved(work.http.traffic),
  });
}
