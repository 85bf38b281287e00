import { mkdir, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { FederationError } from '@fedoxnet/shared/errors';
import { failpoint } from '@fedoxnet/shared/failpoints/failpoint';
import { releaseGrant } from '@fedoxnet/shared/protocol/http-messages';
import { CHUNK_BYTES, SEALED_CHUNK_BYTES } from '@fedoxnet/shared/protocol/limits';
import { chunkLength, chunkSeal, openChunk, type ChunkSeal } from '@fedoxnet/shared/sealing/chunks';
import { openDataKey } from '@fedoxnet/shared/sealing/data-key';
import { verifyHeader } from '@fedoxnet/shared/sealing/signed-header';
import { RunningDigest } from '@fedoxnet/shared/weights/digest';
import { writeAll } from '@fedoxnet/shared/write-all';
import { setAside, sparePath } from '../files/spare-file.js';
import { withRetries } from './back-off.js';
import type { Identity } from './identity.js';
import { inLanes } from './lanes.js';
import { measureFile, rememberMeasure } from './measure-file.js';
import { PartialFile } from './partial-file.js';
import type { TransferOptions } from './transfer-options.js';

/** Chunks on their way at the same time. */
const LANES = 2;
const WRITE_BYTES = 256 * 1024;

/** A release as an invitation names it. */
export interface WantedRelease {
  readonly study: string;
  readonly planHash: string;
  readonly release: number;
  /** SHA-256 of the plaintext file. */
  readonly digest: string;
}

/**
 * Fetches a release, opens it chunk by chunk and leaves it in `folder` under its final name only when its digest is right.
 * Chunks that arrived before a restart are kept; a release that is there already is not fetched again.
 * @returns path of the safetensors file
 * @throws {FederationError} `SIGNATURE_INVALID`, `WEIGHTS_INVALID`, or the coordinator's refusal
 */
export async function downloadRelease(
  wanted: WantedRelease,
  folder: string,
  identity: Identity,
  options: TransferOptions,
): Promise<string> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = join(folder, `release-${wanted.release}-${wanted.digest.slice(0, 16)}.safetensors`);
  if (await holds(path, wanted.digest)) return path;
  const { signal, onRetry } = options;
  const seal = await withRetries(() => fetchSeal(wanted, identity, options), { signal, onRetry });
  failpoint('agent.download.granted');
  const partial = await PartialFile.open(path, sparePath(folder, 'release'));
  try {
    const resumed = partial.pieces > 0;
    const digest = await fetchChunks(seal, partial, options);
    if (digest !== wanted.digest) {
      await partial.remove();
      // What an earlier run left may have been damaged by whatever ended it: once more, from nothing.
      if (resumed) return await downloadRelease(wanted, folder, identity, options);
      throw new FederationError(
        'WEIGHTS_INVALID',
        `Release ${wanted.release} of ${wanted.study} does not have the digest its header names.`,
      );
    }
    failpoint('agent.download.verified');
    await partial.finish(seal.header.bytes);
  } finally {
    await partial.close();
  }
  await rememberMeasure(path, { digest: wanted.digest, bytes: seal.header.bytes });
  failpoint('agent.download.renamed');
  return path;
}

/** Removes all releases in `folder` but the file `keep`. */
export async function dropOtherReleases(folder: string, keep: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const [isRelease, part] = /^release-\d+-[0-9a-f]{16}\.safetensors(\.part-\d+)?$/.exec(name) ?? [];
    if (isRelease === undefined || path === keep) continue;
    if (part === undefined) await setAside(path, sparePath(folder, 'release'));
    else await rm(path);
  }
}

async function fetchSeal(
  wanted: WantedRelease,
  identity: Identity,
  options: TransferOptions,
): Promise<ChunkSeal> {
  const { header, signature, key } = await options.http.json(
    { method: 'GET', path: releasePath(wanted), signal: options.signal },
    releaseGrant,
    'release grant',
  );
  const name = `release ${wanted.release} of ${wanted.study}`;
  if (!verifyHeader(header, signature, identity.coordinator.signKey)) {
    throw new FederationError('SIGNATURE_INVALID', `The header of ${name} is not signed by the coordinator.`);
  }
  const isWanted =
    header.study === wanted.study &&
    header.planHash === wanted.planHash &&
    header.release === wanted.release &&
    header.digest === wanted.digest;
  if (!isWanted) {
    throw new FederationError('WEIGHTS_INVALID', `The coordinator offers another file than ${name}.`);
  }
  return chunkSeal(header, openDataKey(key, identity.keys.box.secretKey));
}

/**
 * Fetches what is missing, two chunks at a time, and writes it in order. Nothing is flushed to the disk: a file that a power
 * failure spoils does not have its digest at the next start.
 * @returns SHA-256 of the whole file
 */
async function fetchChunks(seal: ChunkSeal, partial: PartialFile, options: TransferOptions): Promise<string> {
  const { http, signal, onChunk, onRetry } = options;
  const { chunks } = seal.header;
  const path = releasePath({ study: seal.header.study, release: releaseOf(seal) });
  const { file, pieces: had } = partial;
  const digest = new RunningDigest();
  const missing = Array.from({ length: chunks - had }, (_, index) => had + index);
  const lanes = Math.min(LANES, Math.max(1, missing.length));
  const buffers = Array.from({ length: lanes }, () => Buffer.allocUnsafeSlow(SEALED_CHUNK_BYTES));
  const [first = Buffer.alloc(0)] = buffers;
  for (let index = 0; index < had; index += 1) {
    const length = chunkLength(seal.header, index);
    const { bytesRead } = await file.read(first, 0, length, index * CHUNK_BYTES);
    digest.update(first.subarray(0, bytesRead));
  }
  let last = Promise.resolve();
  await inLanes(missing, lanes, (index, lane) => {
    const before = last;
    const fetchChunk = async () => {
      const request = { method: 'GET', path: `${path}/chunks/${index}`, signal } as const;
      const sealed = await http.bytes(request, SEALED_CHUNK_BYTES, buffers[lane]);
      return openChunk(seal, index, sealed, sealed);
    };
    const arrive = async () => {
      const plaintext = await withRetries(fetchChunk, { signal, onRetry });
      await before;
      failpoint('agent.download.writing');
      await writeInPieces(file, plaintext, index * CHUNK_BYTES);
      await partial.grow();
      failpoint('agent.download.chunk');
      digest.update(plaintext);
      onChunk(index + 1, chunks);
    };
    return (last = arrive());
  });
  return digest.hex();
}

/** Systems find memory for small writes at once, and may have to look for that of one large write. */
async function writeInPieces(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
    await writeAll(file, bytes.subarray(at, at + WRITE_BYTES), position + at);
  }
}

function releaseOf({ header }: ChunkSeal): number {
  if (header.kind !== 'release') throw new TypeError(`a header of kind ${header.kind} is not a release`);
  return header.release;
}

function releasePath({ study, release }: Pick<WantedRelease, 'study' | 'release'>): string {
  return `v1/studies/${study}/releases/${release}`;
}

async function holds(path: string, digest: string): Promise<boolean> {
  return (await measureFile(path))?.digest === digest;
}
