import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { keepsOwn, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import { setAside, sparePath } from '../files/spare-file.js';
import { keepCarried, ownBefore, pendingCarried } from './carried-weights.js';
import { downloadRelease, dropOtherReleases } from './download.js';
import { encodeUpdate } from './encode-update.js';
import type { RoundEntry, UploadTicket } from './journal.js';
import { bytesMoved } from './live-events.js';
import { measureFile } from './measure-file.js';
import { reportedTransfer, reportProgress } from './round-progress.js';
import type { RoundRecords } from './round-records.js';
import { whileDiskIsFull, whileTrainerDies } from './round-retries.js';
import { AgentStopped, preparationOf, workFolder, type SiteWork } from './site-work.js';
import type { TrainerProgress } from './trainer-process.js';
import { makeTicket } from './upload-ticket.js';
import { uploadUpdate } from './upload.js';

/**
 * Download, train, upload. Every step that is done is in the journal first, so that after a restart the same call does
 * only what is left.
 * @throws {FederationError} when this site cannot deliver the round; the journal's entry is then gone
 */
export async function contributeUpdate(
  work: SiteWork,
  plan: StudyPlan,
  invited: RoundEntry,
  signal: AbortSignal,
): Promise<void> {
  const { journal, http, emit, home } = work;
  const { study, round, attempt } = invited;
  const folder = workFolder(home, study);
  const update = join(folder, `update-${round}-${attempt}.safetensors`);
  const travel = transferOf(plan);
  // What the trainer writes is what is sent, unless the plan asks for smaller numbers.
  const plain = travel.update === 'fp32' ? update : join(folder, `delta-${round}-${attempt}.safetensors`);
  const deliver = async (): Promise<void> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    let entry = journal.find(study, round, attempt) ?? invited;
    if (entry.ticket === null || !(await isIntact(update, entry.ticket))) {
      const masses = await train(work, plan, entry, folder, plain, signal);
      if (plain !== update) {
        const { site } = work.identity;
        await encodeUpdate({
          study,
          planHash: entry.planHash,
          site,
          round,
          transfer: travel,
          folder,
          plain,
          encoded: update,
        });
        await setAside(plain, sparePath(folder, 'update'));
      }
      const ticket = await makeTicket(work.identity, entry, masses, update, travel.update);
      failpoint('agent.seal.ticket');
      await recordContribution(work.records, entry, ticket);
      entry = { ...entry, ticket };
      await journal.put(entry);
      failpoint('agent.seal.journaled');
    }
    const ticket = entry.ticket as UploadTicket;
    await uploadUpdate(ticket, update, reportedTransfer(work, invited, 'upload', signal));
    work.flush();
    // Before the journal says so: it is not asked again afterwards.
    if (travel.errorFeedback) await keepCarried('residual', folder, round);
    if (keepsOwn(plan)) await keepCarried('own', folder, round);
    failpoint('agent.upload.kept');
    if (journal.find(study, round, attempt) !== null)
      await journal.put({ ...entry, ticket: null, delivered: true });
    failpoint('agent.upload.journaled');
    await setAside(update, sparePath(folder, 'update'));
    failpoint('agent.upload.removed');
    const { bytes, digest } = ticket.header;
    emit({ event: 'uploaded', study, round, attempt, bytes, digest, ...bytesMoved(http.traffic) });
  };
  try {
    await whileDiskIsFull(work, invited, deliver, signal);
  } catch (error) {
    // A stopping agent keeps its journal: it goes on here when it is started again.
    if (!(signal.aborted && signal.reason instanceof AgentStopped))
      await forget(work, invited, [update, plain]);
    throw error;
  }
}

async function train(
  work: SiteWork,
  plan: StudyPlan,
  entry: RoundEntry,
  folder: string,
  update: string,
  signal: AbortSignal,
): Promise<UpdateMasses> {
  const { trainer, identity, emit } = work;
  const { study, round, attempt } = entry;
  const global = await downloadRelease(
    entry,
    folder,
    identity,
    reportedTransfer(work, entry, 'download', signal),
  );
  await dropOtherReleases(folder, global);
  work.flush();
  failpoint('agent.train.starting');
  const onProgress = (progress: TrainerProgress) => reportProgress(work, entry, 'train', progress);
  const own = keepsOwn(plan)
    ? { ...(await ownBefore(folder, planHash(plan), round)), ownNext: pendingCarried('own', folder, round) }
    : {};
  const command = { round, attempt, global, update, ...own };
  const trained = await whileTrainerDies(
    work,
    entry,
    () => trainer.train(preparationOf(work, plan), command, { signal, onProgress }),
    signal,
  );
  work.flush();
  failpoint('agent.train.finished');
  const { masses, losses, steps, seconds, peakRssMb } = trained;
  emit({ event: 'trained', study, round, attempt, losses, steps, seconds, peakRssMb });
  return masses;
}

function recordContribution(
  records: RoundRecords,
  { study, round, attempt, digest: base }: RoundEntry,
  { header }: UploadTicket,
): Promise<void> {
  const at = new Date().toISOString();
  return records.contributed(study, {
    ...{ round, attempt, base, at },
    ...{ update: header.digest, bytes: header.bytes },
  });
}

/** What is left behind on a full disk costs room, not correctness: the coordinator refuses a round that is over. */
async function forget(
  { journal, log }: SiteWork,
  entry: RoundEntry,
  files: readonly string[],
): Promise<void> {
  try {
    await journal.remove(entry);
    for (const file of files) await rm(file, { force: true });
  } catch (error) {
    log.warn({ err: error, study: entry.study, round: entry.round }, 'a round that failed was not tidied up');
  }
}

async function isIntact(update: string, { header }: UploadTicket): Promise<boolean> {
  const measure = await measureFile(update);
  return measure?.digest === header.digest && measure.bytes === header.bytes;
}
