import { asFederationError } from '@fedoxnet/site-agent/agent/failure';
import { loadFilmSet } from '@fedoxnet/site-agent/data/film-set';
import { generatePhantoms } from '@fedoxnet/site-agent/phantoms/generate-phantoms';
import { trainerCommand, type TrainerCommand } from '@fedoxnet/site-agent/trainer/ipc';
import { NetworkPair } from '@fedoxnet/site-agent/trainer/network-pair';
import { Trainer } from '@fedoxnet/site-agent/trainer/trainer';
import type { Job, JobResults, WorkerEvent } from './jobs.js';

/**
 * A process that stands in for the trainers of many hospitals, one after the other: the trainer of each is the product's
 * own. All share one pair of networks, and only the last few keep their films open, so memory does not grow with hospitals.
 */
const OPEN_TRAINERS = 6;

const send = (event: WorkerEvent): void => {
  if (process.connected) process.send!(event);
};
const networks = new NetworkPair();
/** By what they are prepared for; the one used last is the last. */
const trainers = new Map<string, Trainer>();
let turn: Promise<void> = Promise.resolve();

process.on('message', (message) => {
  turn = turn.then(() => obey(message as Job));
});
process.on('disconnect', () => process.exit(0));

async function obey(job: Job): Promise<void> {
  try {
    send(await run(job));
  } catch (error) {
    const { code, message } = asFederationError(error);
    if (code === 'INTERNAL') console.error(error);
    send({ kind: 'failed', code, message });
  }
}

async function run(job: Job): Promise<WorkerEvent> {
  switch (job.kind) {
    case 'films':
      return await makeFilms(job);
    case 'train':
      return await command(job.prepare, job.train);
    case 'evaluate':
      return await command(job.prepare, job.evaluate);
  }
}

async function makeFilms({
  folder,
  cache,
  drawing,
  size,
  classes,
}: Extract<Job, { kind: 'films' }>): Promise<JobResults['films']> {
  if (drawing !== null) {
    const { split, prevalence, ...phantoms } = drawing;
    await generatePhantoms({
      ...phantoms,
      out: folder,
      valFraction: split === 'val' ? 1 : 0,
      ...(prevalence && { prevalence }),
    });
  }
  const count = async (split: 'train' | 'val'): Promise<number> => {
    const set = await loadFilmSet({ catalogueFolder: folder, split, classes, size, cacheFolder: cache });
    set.close();
    return set.films.length;
  };
  return { kind: 'films', train: await count('train'), val: await count('val') };
}

async function command(prepare: TrainerCommand, rest: TrainerCommand): Promise<WorkerEvent> {
  const trainer = await trainerFor(prepare);
  return (await trainer.run(trainerCommand.parse(rest))) as WorkerEvent;
}

async function trainerFor(prepare: TrainerCommand): Promise<Trainer> {
  const key = JSON.stringify(prepare);
  let trainer = trainers.get(key);
  if (trainer === undefined) {
    trainer = new Trainer((event) => send(event as WorkerEvent), networks);
    await trainer.run(trainerCommand.parse(prepare));
  }
  trainers.delete(key);
  trainers.set(key, trainer);
  for (const [oldest, idle] of trainers) {
    if (trainers.size <= OPEN_TRAINERS) break;
    idle.close();
    trainers.delete(oldest);
  }
  return trainer;
}
