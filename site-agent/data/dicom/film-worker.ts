import { parentPort } from 'node:worker_threads';
import { parseDicomFile } from './data-set.js';
import { DicomRefusal } from './dicom-refusal.js';
import { readPixelFormat } from './pixel-format.js';
import { prepareFilm } from './prepare-film.js';
import { renderFilm } from './render-film.js';
import { movable, type WorkerReply, type WorkerTask } from './worker-messages.js';

/** The thread in which films are decoded. What it cannot decode is an answer; only a defect ends it. */
const port = parentPort;
if (port === null) throw new Error('film-worker runs as a worker thread only');
const reply = (message: WorkerReply): void => port.postMessage(message, movable(pictureOf(message)));

port.on('message', (task: WorkerTask) => void work(task).then(reply));
reply({ kind: 'ready' });

async function work(task: WorkerTask): Promise<WorkerReply> {
  try {
    if (task.kind === 'prepare') return { kind: 'prepared', film: await prepareFilm(task.bytes, task.side) };
    const { dataSet, syntax } = parseDicomFile(task.bytes);
    return { kind: 'rendered', plane: await renderFilm(dataSet, syntax, readPixelFormat(dataSet)) };
  } catch (error) {
    if (error instanceof DicomRefusal) return { kind: 'refused', message: error.message };
    // A codec may fail in ways of its own on hostile bytes: that is a property of the film, too.
    const name = error instanceof Error ? error.name : 'no error';
    return { kind: 'refused', message: `The decoder failed (${name}).` };
  }
}

function pictureOf(reply: WorkerReply): Uint8Array {
  if (reply.kind === 'rendered') return reply.plane.pixels;
  return reply.kind === 'prepared' && 'png' in reply.film ? reply.film.png : new Uint8Array();
}
