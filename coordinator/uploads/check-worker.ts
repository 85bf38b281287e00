import { parentPort, workerData } from 'node:worker_threads';
import { FederationError } from '@fedoxnet/shared/errors';
import { SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { chunkSeal, openChunk, type ChunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { chunkKey, uploadFolder } from '../blobs/blob-store.js';
import { BlockingBlobReader } from '../blobs/blocking-blob-reader.js';
import type { CheckReply, CheckRequest, CheckSeconds } from './check-messages.js';
import { UpdateCheck } from './update-check.js';

/**
 * A thread that opens and looks at updates on their way in. It keeps ciphers and digests off the thread that answers the
 * sites, and its small heap makes the collection of their buffers cheap.
 */
interface Looking {
  readonly seal: ChunkSeal;
  readonly check: UpdateCheck;
  readonly seconds: CheckSeconds;
}

const blobs = new BlockingBlobReader(workerData as string);
const buffer = new Uint8Array(SEALED_CHUNK_BYTES);
const updates = new Map<string, Looking>();

function found(upload: string): Looking {
  const looking = updates.get(upload);
  if (looking === undefined) throw new Error(`nobody began upload ${upload}`);
  return looking;
}

async function look(upload: string, index: number): Promise<void> {
  const { seal, check, seconds } = found(upload);
  const started = performance.now();
  const sealed = await blobs.get(chunkKey(uploadFolder(upload), index), buffer);
  const plaintext = openChunk(seal, index, sealed, sealed);
  const opened = performance.now();
  check.push(plaintext);
  seconds.open += (opened - started) / 1000;
  seconds.check += (performance.now() - opened) / 1000;
}

async function obey(request: CheckRequest): Promise<CheckSeconds> {
  const { upload } = request;
  switch (request.kind) {
    case 'begin': {
      const { expected, dataKey } = request;
      updates.set(upload, {
        seal: chunkSeal(expected.header, dataKey),
        check: new UpdateCheck(expected),
        seconds: { open: 0, check: 0 },
      });
      break;
    }
    case 'look':
      await look(upload, request.index);
      break;
    case 'end':
      found(upload).check.end();
      break;
    case 'forget':
      updates.delete(upload);
  }
  return updates.get(upload)?.seconds ?? { open: 0, check: 0 };
}

function refusal(error: unknown): CheckReply {
  if (error instanceof FederationError) return { kind: 'refused', code: error.code, message: error.message };
  return { kind: 'broken', message: error instanceof Error ? error.message : String(error) };
}

// One at a time: they share a buffer, and answers come in the order of the questions.
let turn: Promise<void> = Promise.resolve();
parentPort?.on('message', (request: CheckRequest) => {
  turn = turn.then(async () => {
    const reply = await obey(request).then(
      (seconds): CheckReply => ({ kind: 'done', seconds: { ...seconds } }),
      refusal,
    );
    parentPort?.postMessage(reply);
  });
});
