import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import type { EvaluationInvitation } from '@fedoxnet/shared/protocol/socket-messages';
import { keepsOwn, type StudyPlan } from '@fedoxnet/shared/study/plan';
import { planHash } from '@fedoxnet/shared/study/plan-hash';
import { transferOf } from '@fedoxnet/shared/study/transfer-plan';
import type { UpdateMasses } from '@fedoxnet/shared/weights/roles';
import type { TrainerCommand } from '../trainer/ipc.js';
import { withRetries } from './back-off.js';
import { countersignReceipts } from './countersign.js';
import { asFederationError } from './failure.js';
import { downloadRelease, dropOtherReleases, type WantedRelease } from './download.js';
import { encodeUpdate } from './encode-update.js';
import type { HttpClient } from './http-client.js';
import type { Identity } from './identity.js';
import type { Journal, RoundEntry, UploadTicket } from './journal.js';
import { bytesMoved, type LiveEvent, type Progress } from './live-events.js';
import { measureFile } from './measure-file.js';
import { readPolicy, scoresSuppressedBelow } from './policy.js';
import type { RoundRecords } from './round-records.js';
import type { Preparation, TrainerProcess, TrainerProgress } from './trainer-process.js';
import { findCarried, keepCarried, pendingCarried } from './carried-weights.js';
import type { TransferOptions } from './transfer-options.js';
import { makeTicket } from './upload-ticket.js';
import { uploadUpdate } from './upload.js';
import { sendEvaluation } from './evaluation-report.js';

export type Backend = Extract<TrainerCommand, { kind: 'prepare' }>['backend'];

/** What work on a round needs from the agent around it. */
export interface SiteWork {
  readonly identity: Identity;
  readonly http: HttpClient;
  readonly journal: Journal;
  readonly records: RoundRecords;
  readonly trainer: TrainerProcess;
  /** Absolute paths. */
  readonly home: string;
  readonly data: string;
  readonly backend: Backend;
  readonly log: Logger;
  readonly emit: (event: LiveEvent) => void;
  readonly report: (progress: Progress) => void;
  /** Delivers progress that was held back; called at the end of each phase. */
  readonly flush: () => void;
}

/** A trainer that dies is started again this often before the round is given up; it goes on from its checkpoint. */
const TRAINER_TRIES = 3;

export function workFolder(home: string, study: string): string {
  return join(home, 'work', study);
}

export function preparationOf(
  work: Pick<SiteWork, 'home' | 'data' | 'backend'>,
  plan: StudyPlan,
): Preparation {
  const { home, data, backend } = work;
  return { plan, data, work: workFolder(home, plan.study), backend };
}

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
        await rm(plain, { force: true });
      }
      const ticket = await makeTicket(work.identity, entry, masses, update, travel.update);
      failpoint('agent.seal.ticket');
      await recordContribution(work.records, entry, ticket);
      entry = { ...entry, ticket };
      await journal.put(entry);
      failpoint('agent.seal.journaled');
    }
    const ticket = entry.ticket as UploadTicket;
    await uploadUpdate(ticket, update, transfer(work, invited, 'upload', signal));
    work.flush();
    // Before the journal says so: it is not asked again afterwards.
    if (travel.errorFeedback) await keepCarried('residual', folder, round);
    if (keepsOwn(plan)) await keepCarried('own', folder, round);
    failpoint('agent.upload.kept');
    if (journal.find(study, round, attempt) !== null)
      await journal.put({ ...entry, ticket: null, delivered: true });
    failpoint('agent.upload.journaled');
    await rm(update, { force: true });
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

/** Tries again as long as it only lacks room on the disk: the site's staff can make some, and the round may still be open. */
function whileDiskIsFull(
  { log }: SiteWork,
  { study, round }: Pick<RoundEntry, 'study' | 'round'>,
  task: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const onRetry = (error: FederationError, waitMs: number) =>
    log.error({ study, round, waitMs, code: error.code }, error.message);
  const named = () => task().catch((error: unknown) => Promise.reject(asFederationError(error)));
  return withRetries(named, { signal, onRetry, isPassing: ({ code }) => code === 'DISK_FULL' });
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

/** The reason with which a stopping agent ends its jobs. */
export class AgentStopped extends Error {
  override readonly name = 'AgentStopped';
}

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
    transfer(work, invited, 'download', signal),
  );
  const onProgress = (progress: TrainerProgress) =>
    work.report(trainerProgress(work, invited, 'evaluate', progress));
  const own = plan.training.norms === 'local' ? await ownBefore(folder, plan, round + 1) : {};
  const suppressBelow = scoresSuppressedBelow(await readPolicy(work.home), plan);
  const command = { round, model, suppressBelow, ...own };
  const evaluated = await withRetries(
    () => work.trainer.evaluate(preparationOf(work, plan), command, { signal, onProgress }),
    { signal, attempts: TRAINER_TRIES, onRetry: (error) => work.log.warn({ study, round }, error.message) },
  );
  work.flush();
  failpoint('agent.evaluate.scored');
  // Before the report, with which the round may end: so its receipt is complete when the release is published.
  await confirmReceipts(work);
  await sendEvaluation({ invited, report: evaluated.report, ...transfer(work, invited, 'evaluate', signal) });
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
  const global = await downloadRelease(entry, folder, identity, transfer(work, entry, 'download', signal));
  await dropOtherReleases(folder, global);
  work.flush();
  failpoint('agent.train.starting');
  const onProgress = (progress: TrainerProgress) =>
    work.report(trainerProgress(work, entry, 'train', progress));
  const own = keepsOwn(plan)
    ? { ...(await ownBefore(folder, plan, round)), ownNext: pendingCarried('own', folder, round) }
    : {};
  const command = { round, attempt, global, update, ...own };
  const trained = await withRetries(
    () => trainer.train(preparationOf(work, plan), command, { signal, onProgress }),
    { signal, attempts: TRAINER_TRIES, onRetry: (error) => work.log.warn({ study, round }, error.message) },
  );
  work.flush();
  failpoint('agent.train.finished');
  const { masses, losses, steps, seconds, peakRssMb } = trained;
  emit({ event: 'trained', study, round, attempt, losses, steps, seconds, peakRssMb });
  return masses;
}

/** What the site's own numbers were when it had delivered the rounds before `round`. */
async function ownBefore(folder: string, plan: StudyPlan, round: number): Promise<{ own?: string }> {
  const own = await findCarried('own', folder, planHash(plan), round);
  return own === null ? {} : { own };
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

/** Countersigns what waits for it. Whatever goes wrong with that is no fault of the round: it is tried again at the next one. */
export async function confirmReceipts(work: SiteWork): Promise<void> {
  try {
    await countersignReceipts(work, (error) => work.log.error({ code: error.code }, error.line));
  } catch (error) {
    work.log.warn({ err: error }, 'receipts could not be countersigned now');
  }
}

async function isIntact(update: string, { header }: UploadTicket): Promise<boolean> {
  const measure = await measureFile(update);
  return measure?.digest === header.digest && measure.bytes === header.bytes;
}

interface Place {
  readonly study: string;
  readonly round: number;
  readonly attempt: number;
}

function transfer(
  work: SiteWork,
  { study, round, attempt }: Place,
  phase: Progress['phase'],
  signal: AbortSignal,
): TransferOptions {
  return {
    http: work.http,
    signal,
    onChunk: (step, steps) =>
      work.report({
        study,
        round,
        attempt,
        phase,
        step,
        steps,
        losses: {},
        filmsPerSecond: 0,
        ...bytesMoved(work.http.traffic),
      }),
    onRetry: (error: FederationError, waitMs) =>
      work.log.warn({ study, round, phase, waitMs, code: error.code }, error.message),
  };
}

function trainerProgress(
  work: SiteWork,
  { study, round, attempt }: Place,
  phase: Progress['phase'],
  { step, steps, losses, pseudo, filmsPerSecond }: TrainerProgress,
): Progress {
  return {
    study,
    round,
    attempt,
    phase,
    step,
    steps,
    losses,
    ...(pseudo && { pseudo }),
    filmsPerSecond,
    ...bytesMoved(work.http.traffic),
  };
}
