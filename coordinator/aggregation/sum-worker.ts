import { parentPort, workerData } from 'node:worker_threads';
import { FolderBlobStore } from '../blobs/folder-blob-store.js';
import { sumTaskOf, windowElements, type SumOrder, type SumReply, type SumRequest } from './sum-messages.js';
import { UpdateRefused } from './sum-task.js';
import { WindowSummer } from './sum-window.js';
import { WindowSurveyor } from './survey-window.js';
import { windowsOf } from './windows.js';

/** A thread that works on windows of one round, so that the coordinator answers its sites meanwhile. */
const order = workerData as SumOrder;
const task = sumTaskOf(order);
const blobs = new FolderBlobStore(order.blobs);
const surveyor = new WindowSurveyor(blobs, task);
const summer = new WindowSummer(blobs, task);
const windows = {
  survey: windowsOf(order.model, windowElements(order, 'survey')),
  sum: windowsOf(order.model, windowElements(order, 'sum')),
};

async function obey(request: SumRequest): Promise<SumReply> {
  const window = windows[request.kind][request.window] ?? [];
  try {
    if (request.kind === 'survey')
      return { kind: 'surveyed', survey: await surveyor.survey(window), seconds: surveyor.seconds };
    await summer.sum(window, request.verdict, request.target);
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
