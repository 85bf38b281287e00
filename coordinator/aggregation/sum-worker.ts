import { parentPort, workerData } from 'node:worker_threads';
import { BlockingBlobReader } from '../blobs/blocking-blob-reader.js';
import { sumTaskOf, type SumOrder, type SumReply, type SumRequest } from './sum-messages.js';
import { UpdateRefused } from './sum-task.js';
import { WindowSummer } from './sum-window.js';
import { WindowSurveyor } from './survey-window.js';
import { longestOf } from './windows.js';
import { windowsOfOrder } from './windows-of-order.js';

/** A thread that works on windows of one round, so that the coordinator answers its sites meanwhile. */
const order = workerData as SumOrder;
const task = sumTaskOf(order);
const blobs = new BlockingBlobReader(order.blobs);
const surveyed = windowsOfOrder(order, 'survey');
const summed = windowsOfOrder(order, 'sum');
/** Made when they are first needed: they hold memory for a window. */
let surveyor: WindowSurveyor | undefined;
let summer: WindowSummer | undefined;

async function obey(request: SumRequest): Promise<SumReply> {
  try {
    if (request.kind === 'survey') {
      surveyor ??= new WindowSurveyor(blobs, task, longestOf(surveyed));
      const survey = await surveyor.survey(surveyed[request.window] ?? []);
      return { kind: 'surveyed', survey, seconds: surveyor.seconds };
    }
    summer ??= new WindowSummer(blobs, task, longestOf(summed));
    await summer.sum(summed[request.window] ?? [], request.verdict, request.target);
    return { kind: 'summed', target: request.target, seconds: summer.seconds };
  } catch (error) {
    if (error instanceof UpdateRefused) return { kind: 'refused', site: error.site, reason: error.reason };
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: SumRequest) => {
  void obey(request).then((reply) => {
    const moved = reply.kind === 'summed' ? [reply.target.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(reply, moved);
  });
});
