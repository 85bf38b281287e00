import { expect } from 'chai';
import { JobQueue, type Job } from '@fedoxnet/site-agent/agent/job-queue';

/** A job that waits until its signal is aborted or `finish` is called. */
function waitingJob(round: number, diary: string[]): Job & { finish: () => void } {
  let finish = () => undefined as void;
  const ended = new Promise<void>((resolve) => (finish = resolve));
  return {
    kind: 'contribute',
    study: 's',
    round,
    attempt: 1,
    finish,
    run: async (signal) => {
      diary.push(`begin ${round}`);
      await Promise.race([ended, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
      diary.push(signal.aborted ? `cancelled ${round}: ${(signal.reason as Error).message}` : `end ${round}`);
    },
  };
}

describe('job queue', () => {
  it('runs one job after another and takes the same one once', async () => {
    const diary: string[] = [];
    const queue = new JobQueue(() => undefined);
    const [first, second] = [waitingJob(1, diary), waitingJob(2, diary)];
    expect([queue.add(first), queue.add(second), queue.add(waitingJob(1, diary))]).to.deep.equal([
      true,
      true,
      false,
    ]);
    second.finish();
    first.finish();
    await queue.idle();
    expect(diary).to.deep.equal(['begin 1', 'end 1', 'begin 2', 'end 2']);
  });

  it('cancels the running job and never begins a waiting one that was cancelled', async () => {
    const diary: string[] = [];
    const queue = new JobQueue(() => undefined);
    const third = waitingJob(3, diary);
    for (const job of [waitingJob(1, diary), waitingJob(2, diary), third]) queue.add(job);
    queue.cancel((job) => job.round < 3, new Error('late'));
    third.finish();
    await queue.idle();
    expect(diary).to.deep.equal(['begin 1', 'cancelled 1: late', 'begin 3', 'end 3']);
  });

  it('goes on after a defect in a job', async () => {
    const defects: unknown[] = [];
    const diary: string[] = [];
    const queue = new JobQueue((error) => defects.push(error));
    const defect = new Error('defect');
    queue.add({ kind: 'evaluate', study: 's', round: 1, attempt: 1, run: () => Promise.reject(defect) });
    const next = waitingJob(1, diary);
    queue.add(next);
    next.finish();
    await queue.idle();
    expect(defects).to.deep.equal([defect]);
    expect(diary).to.deep.equal(['begin 1', 'end 1']);
  });
});
