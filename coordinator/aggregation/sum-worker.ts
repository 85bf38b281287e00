import { parentPort, workerData } from 'node:worker_threads';
import { FolderBlobStore } from '../blobs/folder-blob-store.js';
import { sumTaskOf, type SumOrder, type SumReply, type SumRequest } from './sum-messages.js';
import { UpdateRefused, WindowSummer } from './sum-window.js';
import { windowsOf } from './windows.js';

/** A thread that sums windows of one round, so that the coordinator answers its sites meanwhile. */
const order = workerData as SumOrder;
const windows = windowsOf(order.model);
const summer = new WindowSummer(new FolderBlobStore(order.blobs), sumTaskOf(order));

async function sum({ window, target }: SumRequest): Promise<SumReply> {
  try {
    const { length } = await summer.sum(windows[window] ?? [], target);
    return { kind: 'summed', target, elements: length, seconds: summer.seconds };
  } catch (error) {
    if (error instanceof UpdateRefused) return { kind: 'refused', site: error.site, reason: error.reason };
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on('message', (request: SumRequest) => {
  void sum(request).then((reply) => {
    const moved = reply.kind === 'summed' ? [reply.target.buffer as ArrayBuffer] : [];
    parentPort?.postMessage(reply, moved);
  });
});
