import * as tf from '@tensorflow/tfjs-core';
import { createInterface } from 'node:readline';
import { Prototypes } from '@fedoxnet/site-agent/losses/prototypes';
import { anchorGrid } from '@fedoxnet/site-agent/model/anchors';
import { Oxnet } from '@fedoxnet/site-agent/model/oxnet';
import { selectBackend } from '@fedoxnet/site-agent/backend/select-backend';
import { Learner } from '@fedoxnet/site-agent/training/learner';
import { matrixRate, profileOps } from './op-profile.js';
import { CLASSES, modelPlan, noiseBatch, trainingPlan, workload } from './workload.js';

/**
 * Our training step as a process of its own, so that its threads, its memory and its peak are its own. Reads `block N`
 * from stdin, runs N steps and answers with one JSON line; `profile` answers with the time by kind of op.
 */
const load = workload.parse(JSON.parse(process.argv[2] ?? ''));
const { description } = await selectBackend('cpu', { threads: load.threads });
const model = modelPlan(load);
const student = new Oxnet(model, CLASSES);
const teacher = new Oxnet(model, CLASSES);
const channels = student.forward(tf.zeros([1, model.size, model.size, model.channels])).features.shape[3];
const values = new Float32Array(CLASSES * channels).fill(0.1); // every class has a prototype, so every term runs
const learner = new Learner(
  { model, training: trainingPlan(load) },
  anchorGrid(model).boxes,
  student,
  teacher,
  new Prototypes(CLASSES, channels, values),
);
const batch = noiseBatch(load);
const step = () => learner.step(batch, 1e-4, load.step === 'full' ? 1 : 0);

step();
answer({ ready: description });
for await (const line of createInterface({ input: process.stdin })) {
  const [verb, count] = line.split(' ');
  if (verb === 'profile') answer({ ...profileOps(step), matrixRate: matrixRate() });
  if (verb === 'block') answer(block(Number(count)));
}
process.exit(0);

function block(count: number): Record<string, unknown> {
  const seconds: number[] = [];
  const cpuSeconds: number[] = [];
  const parts = { ...learner.seconds };
  for (let i = 0; i < count; i++) {
    const started = performance.now();
    const before = process.cpuUsage();
    step();
    const { user, system } = process.cpuUsage(before);
    seconds.push((performance.now() - started) / 1000);
    cpuSeconds.push((user + system) / 1e6);
  }
  return {
    seconds,
    cpuSeconds,
    parts: Object.fromEntries(
      Object.entries(learner.seconds).map(([part, sum]) => [
        part,
        (sum - parts[part as keyof typeof parts]) / count,
      ]),
    ),
    peakRssMb: process.resourceUsage().maxRSS / 1024,
  };
}

function answer(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
