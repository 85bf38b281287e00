import { open, type FileHandle } from 'node:fs/promises';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { uploadReceipt, uploadState } from '@fedoxnet/shared/protocol/http-messages';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { fromBase64 } from '@fedoxnet/shared/sealing/base64';
import { chunkLength, chunkSeal, sealChunk, type ChunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { DATA_KEY_BYTES } from '@fedoxnet/shared/sealing/data-key';
import { withRetries } from './back-off.js';
import { inLanes } from './lanes.js';
import type { UploadTicket } from './journal.js';
import type { TransferOptions } from './transfer-options.js';

/** Chunks on their way at the same time: while one waits for its answer the other keeps the line busy. */
const LANES = 2;

/**
 * Sends an update chunk by chunk, two at a time, and holds no more in memory. It begins by asking which chunks the
 * coordinator has, and asks again after every failure, so a chunk that arrived is never sent twice: not after a broken
 * line, not after a restart. It ends with the coordinator's word that this very update was counted, also where it was before.
 * @param file the update the ticket was made from
 * @throws {FederationError} `ROUND_CLOSED`, `UPLOAD_MISMATCH`, … when the coordinator refuses it for good
 */
export function uploadUpdate(ticket: UploadTicket, file: string, options: TransferOptions): Promise<void> {
  const { header, signature } = ticket;
  const { http, signal, onChunk, onRetry } = options;
  const { study, round, attempt, digest } = header;
  const about = { study, round, attempt, digest };
  const seal = chunkSeal(header, fromBase64(ticket.dataKey, DATA_KEY_BYTES, 'data key'));
  let isOpen = false;
  const task = async (progressed: () => void): Promise<void> => {
    isOpen = false;
    const state = await http.json(
      { method: 'POST', path: 'v1/uploads', json: { header, signature }, signal, about },
      uploadState,
      'upload state',
    );
    isOpen = true;
    failpoint('agent.upload.opened');
    const path = `v1/uploads/${encodeURIComponent(state.id)}`;
    const received = new Set(state.received);
    const missing = Array.from({ length: header.chunks }, (_, index) => index).filter(
      (index) => !received.has(index),
    );
    const lanes = Math.min(LANES, missing.length);
    const buffers = Array.from({ length: lanes }, () => Buffer.allocUnsafeSlow(SEALED_CHUNK_BYTES));
    const source = await open(file, 'r');
    try {
      await inLanes(missing, lanes, async (index, lane) => {
        const buffer = buffers[lane] as Buffer;
        const bytes = sealChunk(seal, index, await readChunk(source, seal, index, buffer), buffer);
        failpoint('agent.upload.sending');
        await http.send({ method: 'PUT', path: `${path}/chunks/${index}`, bytes, signal, about });
        failpoint('agent.upload.chunk');
        received.add(index);
        progressed();
        onChunk(received.size, header.chunks);
      });
    } finally {
      await source.close();
    }
    const receipt = await http.json(
      { method: 'POST', path: `${path}/complete`, signal },
      uploadReceipt,
      'upload receipt',
    );
    failpoint('agent.upload.completed');
    if (receipt.digest !== header.digest) {
      throw new FederationError(
        'UPLOAD_MISMATCH',
        'The coordinator counted another update than the one sent.',
      );
    }
  };
  // The coordinator may drop a half that it has: asked anew, it says whether it wants the update still.
  const isPassing = ({ code, entry }: FederationError) => entry.retry || (isOpen && code === 'NOT_FOUND');
  return withRetries(task, { signal, onRetry, isPassing });
}

async function readChunk(
  source: FileHandle,
  { header }: ChunkSeal,
  index: number,
  buffer: Buffer,
): Promise<Uint8Array> {
  const { bytesRead } = await source.read(buffer, 0, chunkLength(header, index), index * CHUNK_BYTES);
  return buffer.subarray(0, bytesRead); // a file that shrank is refused by sealChunk
}
